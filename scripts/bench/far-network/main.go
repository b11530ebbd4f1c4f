// far-network puts a network's distance between two programs on one machine:
// it forwards TCP with a round-trip delay (half each way, plus one round trip
// for the handshake) and a per-connection bandwidth cap.
//
//	far-network -listen 127.0.0.1:0 -to 127.0.0.1:5001 -rtt 30ms -mibps 60
//
// Once it listens, it prints the address as the only line of its standard output.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"time"
)

type chunk struct {
	due time.Time
	b   []byte
}

func pipe(dst, src net.Conn, delay time.Duration, bps float64) {
	ch := make(chan chunk, 4096)
	go func() {
		defer close(ch)
		free := time.Now()
		for {
			b := make([]byte, 64<<10)
			n, err := src.Read(b)
			if n > 0 {
				now := time.Now()
				if free.Before(now) {
					free = now
				}
				if bps > 0 {
					free = free.Add(time.Duration(float64(n) / bps * 1e9))
				}
				ch <- chunk{free.Add(delay), b[:n]}
				if d := time.Until(free) - 5*time.Millisecond; d > 0 {
					time.Sleep(d)
				}
			}
			if err != nil {
				return
			}
		}
	}()
	for c := range ch {
		time.Sleep(time.Until(c.due))
		if _, err := dst.Write(c.b); err != nil {
			src.Close()
			for range ch {
			}
			return
		}
	}
	if t, ok := dst.(*net.TCPConn); ok {
		t.CloseWrite()
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	to := flag.String("to", "", "address")
	rtt := flag.Duration("rtt", 30*time.Millisecond, "round trip")
	mibps := flag.Float64("mibps", 0, "MiB/s per connection and direction, 0: no cap")
	flag.Parse()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer c.Close()
			time.Sleep(*rtt)
			u, err := net.Dial("tcp", *to)
			if err != nil {
				return
			}
			defer u.Close()
			done := make(chan struct{}, 2)
			go func() { pipe(u, c, *rtt/2, *mibps*(1<<20)); done <- struct{}{} }()
			go func() { pipe(c, u, *rtt/2, *mibps*(1<<20)); done <- struct{}{} }()
			<-done
			<-done
			_, _ = io.Copy(io.Discard, c)
		}()
	}
}
