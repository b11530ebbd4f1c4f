// measure runs a program and prints, as one line of JSON on its own standard
// output, what it took: {"wallMs":…,"cpuMs":…,"peakKiB":…,"exitCode":…}. The
// program's standard output goes to standard error.
//
//	measure image-promoter promote …
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: measure PROGRAM [ARGUMENT…]")
		os.Exit(2)
	}
	program := exec.Command(os.Args[1], os.Args[2:]...)
	program.Stdout = os.Stderr
	program.Stderr = os.Stderr
	started := time.Now()
	if err := program.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// A program's own failure is a result; the state has its exit code.
	_ = program.Wait()
	wall := time.Since(started)
	state := program.ProcessState
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		fmt.Fprintln(os.Stderr, "this system does not say what a process used")
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"wallMs":   float64(wall.Microseconds()) / 1000,
		"cpuMs":    float64((state.UserTime() + state.SystemTime()).Microseconds()) / 1000,
		"peakKiB":  usage.Maxrss,
		"exitCode": state.ExitCode(),
	})
}
