package client_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

func TestFactsOfAnEarlierRunAreShownAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	for _, found := range []string{"", "{not json", `{"version":99,"tunnels":[]}`} {
		if found != "" {
			if err := os.WriteFile(file, []byte(found), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			s := clienttest.New(where)
			fleet(s, 3)
			first, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = client.NewWatcher([]client.Service{s}, client.WatcherOptions{CacheFile: file}).Run(first)
			}()
			after(2 * time.Second)
			stop()
			<-ended
			s.FailAlways("DescribeTunnel", s.Failure("DescribeTunnel", client.KindDenied))
			w := watch(t, client.WatcherOptions{CacheFile: file}, s)
			after(time.Second)
			got := w.Snapshot()
			if len(got.Rows) != 3 {
				t.Fatalf("%d rows", len(got.Rows))
			}
			for _, row := range got.Rows {
				if row.Thing == "" || row.Lifetime == 0 || row.Described || row.Source.Known || !row.DescribedAt.IsZero() {
					t.Errorf("with %q found: %+v", found, row)
				}
			}
		})
	}
}

func TestFactsOfSeveralAreKeptTogether(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	synctest.Test(t, func(t *testing.T) {
		far := client.Context{Account: where.Account, Region: "us-east-1"}
		one, two := clienttest.New(where), clienttest.New(far)
		fleet(one, 1)
		fleet(two, 1)
		watch(t, client.WatcherOptions{CacheFile: file, Random: func() float64 { return 0.1 }}, one)
		watch(t, client.WatcherOptions{CacheFile: file, Random: func() float64 { return 0.9 }}, two)
		after(time.Minute)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, region := range []string{where.Region, far.Region} {
			if !strings.Contains(string(data), region) {
				t.Errorf("nothing of %s was kept: %s", region, data)
			}
		}
	})
}
