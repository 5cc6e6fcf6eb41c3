// Command control-plane is the real kube-apiserver and the real etcd in one file, told apart by the name it is started
// under, so that a folder with two links to it looks like KUBEBUILDER_ASSETS: the TypeScript side knows one layout.
//
// Both take exactly the flags of the official programs.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"          // the JSON log format of kube-apiserver's own main
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // client-go's metrics, as in kube-apiserver's own main
	_ "k8s.io/component-base/metrics/prometheus/version"  // the version metric, as in kube-apiserver's own main
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	exitWithOwner()
	switch name := filepath.Base(os.Args[0]); name {
	case "kube-apiserver":
		os.Exit(cli.Run(app.NewAPIServerCommand()))
	case "etcd":
		etcdmain.Main(os.Args)
	default:
		fmt.Fprintf(os.Stderr, "start this program as kube-apiserver or as etcd (a link will do), not as %s\n", name)
		os.Exit(64)
	}
}

// exitWithOwner ends this process when whoever holds the other end of its standard input is gone, however it died: a
// SIGKILL of the owner closes the pipe too. Any other standard input (terminal, file, /dev/null) means nothing.
func exitWithOwner() {
	info, err := os.Stdin.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}
