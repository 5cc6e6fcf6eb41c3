"""Runs parliament over every IAM policy of CloudFormation templates: unknown actions, resources and conditions that do not fit.

In: template files. Out: one line for each finding on standard output, and exit code 1 when there is one.
"""

import json
import re
import sys

import parliament

# What a reference stands for is known at the deployment only: a resource of the kind that its logical id says.
KINDS = [
    (r"Logs", "arn:aws:logs:{at}:log-group:x:*"),
    (r"^Queue|Undeliverable", "arn:aws:sqs:{at}:x"),
    (r"Function", "arn:aws:lambda:{at}:function:x"),
    (r"Topic", "arn:aws:sns:{at}:x"),
    (r"Key", "arn:aws:kms:{at}:key/11111111-2222-3333-4444-555555555555"),
]


# What parliament cannot know, and why it is right.
ACCEPTED = [
    # The call needs a subnet, a security group and an interface; three statements together give them, and it looks at one.
    ("RESOURCE_MISMATCH", "ec2:CreateNetworkInterface"),
    # Lambda sets it in every request of a function (Lambda developer guide, "Using source function ARN").
    ("UNKNOWN_CONDITION_FOR_ACTION", "lambda:SourceFunctionArn"),
]


def resolved(value, at):
    """References become ARNs of the right service."""
    if isinstance(value, list):
        return [resolved(it, at) for it in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::GetAtt"} or set(value) == {"Ref"}:
        name = value.get("Ref") or value["Fn::GetAtt"][0]
        for pattern, arn in KINDS:
            if re.search(pattern, name):
                return arn.format(at=at)
        return f"arn:aws:iam::{at.split(':')[1]}:role/x"
    if set(value) == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(str(resolved(it, at)) for it in parts)
    return {key: resolved(it, at) for key, it in value.items()}


def documents(template):
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Policy":
            yield name, properties["PolicyDocument"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield f"{name}/{policy['PolicyName']}", policy["PolicyDocument"]


def findings(file):
    with open(file, encoding="utf8") as opened:
        template = json.load(opened)
    at = "eu-west-1:111122223333"
    for name, document in documents(template):
        # parliament knows the ARNs of partition aws only.
        text = re.sub(r"arn:aws(-cn|-us-gov):", "arn:aws:", json.dumps(resolved(document, at)))
        for finding in parliament.analyze_policy_string(text).findings:
            if any(finding.issue == issue and word in str(finding.detail) for issue, word in ACCEPTED):
                continue
            yield f"{file}: {name}: {finding.issue}: {finding.detail} {json.dumps(finding.location, default=str)}"


found = [line for file in sys.argv[1:] for line in findings(file)]
print("\n".join(found))
sys.exit(1 if found else 0)
