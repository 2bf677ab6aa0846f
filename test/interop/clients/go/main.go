// Client of the interop tests on grpc-go. What it reads and writes: test/support/grpc-peer.ts.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

type options struct {
	Port        int
	Gzip        bool
	KeepaliveMs int
	CA          string
	Cert        string
	Key         string
}

type step struct {
	SDK         bool
	First       int
	Calls       int
	Concurrency int
	Spans       int
	Padding     int
	DeadlineMs  int
	Method      string
	Metadata    [][2]string
}

type answer struct {
	Codes   []codes.Code `json:"codes"`
	Message string       `json:"message"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	var opts options
	var conn *grpc.ClientConn
	for lines.Scan() {
		var told struct {
			options
			step
		}
		check(json.Unmarshal(lines.Bytes(), &told))
		if told.Port != 0 {
			if conn != nil {
				check(conn.Close())
			}
			opts = told.options
			conn = connect(opts)
			continue
		}
		answer := call
		if told.SDK {
			answer = exportBySDK
		}
		check(json.NewEncoder(os.Stdout).Encode(answer(conn, opts, told.step)))
	}
	check(lines.Err())
	if conn != nil {
		check(conn.Close())
	}
}

func connect(opts options) *grpc.ClientConn {
	dial := []grpc.DialOption{grpc.WithTransportCredentials(secure(opts))}
	if opts.Gzip {
		dial = append(dial, grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	}
	if opts.KeepaliveMs > 0 {
		every := time.Duration(opts.KeepaliveMs) * time.Millisecond
		dial = append(dial, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: every, PermitWithoutStream: true}))
	}
	conn, err := grpc.NewClient(opts.target(), dial...)
	check(err)
	return conn
}

func (opts options) target() string { return fmt.Sprintf("127.0.0.1:%d", opts.Port) }

func secure(opts options) credentials.TransportCredentials {
	if opts.CA == "" {
		return insecure.NewCredentials()
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM([]byte(opts.CA))
	if opts.Cert != "" {
		pair, err := tls.X509KeyPair([]byte(opts.Cert), []byte(opts.Key))
		check(err)
		config.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(config)
}

// call makes next.Calls calls, next.Concurrency at once, and tells the status of each.
func call(conn *grpc.ClientConn, _ options, next step) answer {
	result := answer{Codes: make([]codes.Code, next.Calls)}
	var started atomic.Int64
	var message atomic.Value
	var group sync.WaitGroup
	for range next.Concurrency {
		group.Go(func() {
			for {
				i := int(started.Add(1)) - 1
				if i >= next.Calls {
					return
				}
				ctx, cancel := context.WithTimeout(outgoing(next), time.Duration(next.DeadlineMs)*time.Millisecond)
				reply := &collector.ExportTraceServiceResponse{}
				err := conn.Invoke(ctx, next.Method, request(next, i), reply)
				cancel()
				result.Codes[i] = status.Code(err)
				if err != nil {
					message.Store(err.Error())
				}
			}
		})
	}
	group.Wait()
	result.Message, _ = message.Load().(string)
	return result
}

func outgoing(next step) context.Context {
	ctx := context.Background()
	for _, pair := range next.Metadata {
		value := pair[1]
		if strings.HasSuffix(pair[0], "-bin") {
			bytes, err := base64.StdEncoding.DecodeString(value)
			check(err)
			value = string(bytes)
		}
		ctx = metadata.AppendToOutgoingContext(ctx, pair[0], value)
	}
	return ctx
}

// request holds the next.Spans spans of call number i.
func request(next step, i int) *collector.ExportTraceServiceRequest {
	padding := &common.KeyValue{Key: "padding", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{
		StringValue: strings.Repeat("x", next.Padding)}}}
	spans := make([]*trace.Span, next.Spans)
	for j := range spans {
		number := next.First + i*next.Spans + j
		id := make([]byte, 16)
		binary.BigEndian.PutUint32(id, uint32(number))
		binary.BigEndian.PutUint32(id[12:], uint32(number))
		spans[j] = &trace.Span{
			TraceId: id, SpanId: id[8:], Name: fmt.Sprintf("span %d", number), Attributes: []*common.KeyValue{padding},
		}
	}
	scope := []*trace.ScopeSpans{{Spans: spans}}
	return &collector.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: scope}}}
}

// exportBySDK sends next.Spans spans with the OpenTelemetry SDK and its exporter.
func exportBySDK(_ *grpc.ClientConn, opts options, next step) answer {
	settings := []otlptracegrpc.Option{
		otlptracegrpc.WithEndpoint(opts.target()),
		otlptracegrpc.WithTLSCredentials(secure(opts)),
		otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{Enabled: false}),
	}
	if opts.Gzip {
		settings = append(settings, otlptracegrpc.WithCompressor(gzip.Name))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(next.DeadlineMs)*time.Millisecond)
	defer cancel()
	exporter, err := otlptracegrpc.New(ctx, settings...)
	check(err)
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	tracer := provider.Tracer("interop")
	for n := range next.Spans {
		_, span := tracer.Start(context.Background(), fmt.Sprintf("span %d", next.First+n))
		span.End()
	}
	if err := provider.Shutdown(ctx); err != nil {
		return answer{Codes: []codes.Code{codes.Unknown}, Message: err.Error()}
	}
	return answer{Codes: []codes.Code{codes.OK}}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
