import static io.opentelemetry.proto.trace.v1.Span.newBuilder;

import com.google.gson.Gson;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Client of the interop tests on grpc-java. What it reads and writes: test/support/grpc-peer.ts. */
public final class Client {
  private static final class Options {
    int port;
    boolean gzip;
    int keepaliveMs;
    String ca;
    String cert;
    String key;
  }

  private static final class Step {
    boolean sdk;
    int first;
    int calls;
    int concurrency;
    int spans;
    int padding;
    int deadlineMs;
    String method;
    String[][] metadata;
  }

  private static final class Answer {
    int[] codes;
    volatile String message = "";
  }

  public static void main(String[] args) throws Exception {
    Gson gson = new Gson();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    Options options = null;
    ManagedChannel channel = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (JsonParser.parseString(line).getAsJsonObject().has("port")) {
        if (channel != null) channel.shutdown();
        options = gson.fromJson(line, Options.class);
        channel = connect(options);
        continue;
      }
      Step step = gson.fromJson(line, Step.class);
      System.out.println(gson.toJson(step.sdk ? exportBySdk(options, step) : call(channel, options, step)));
    }
    if (channel != null) channel.shutdown().awaitTermination(10, TimeUnit.SECONDS);
    System.exit(0);
  }

  private static ManagedChannel connect(Options options) throws Exception {
    ChannelCredentials credentials = InsecureChannelCredentials.create();
    if (!options.ca.isEmpty()) {
      TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder().trustManager(stream(options.ca));
      if (!options.cert.isEmpty()) tls.keyManager(stream(options.cert), stream(options.key));
      credentials = tls.build();
    }
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", options.port, credentials);
    if (options.keepaliveMs > 0) {
      builder.keepAliveTime(options.keepaliveMs, TimeUnit.MILLISECONDS).keepAliveWithoutCalls(true);
    }
    return builder.build();
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes());
  }

  /** Makes step.calls calls, step.concurrency at once, and tells the status of each. */
  private static Answer call(ManagedChannel plain, Options options, Step step) throws InterruptedException {
    MethodDescriptor<ExportTraceServiceRequest, ExportTraceServiceResponse> method =
        MethodDescriptor.<ExportTraceServiceRequest, ExportTraceServiceResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(step.method.substring(1))
            .setRequestMarshaller(ProtoUtils.marshaller(ExportTraceServiceRequest.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(ExportTraceServiceResponse.getDefaultInstance()))
            .build();
    Channel channel = ClientInterceptors.intercept(plain, MetadataUtils.newAttachHeadersInterceptor(metadata(step)));
    Answer answer = new Answer();
    answer.codes = new int[step.calls];
    AtomicInteger started = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = started.getAndIncrement(); i < step.calls; i = started.getAndIncrement()) {
            CallOptions call = CallOptions.DEFAULT.withDeadlineAfter(step.deadlineMs, TimeUnit.MILLISECONDS);
            if (options.gzip) call = call.withCompression("gzip");
            try {
              ClientCalls.blockingUnaryCall(channel, method, call, request(step, i));
            } catch (StatusRuntimeException failure) {
              answer.codes[i] = failure.getStatus().getCode().value();
              answer.message = failure + ": " + failure.getCause();
            }
          }
        };
    Thread[] threads = new Thread[step.concurrency];
    for (int t = 0; t < threads.length; t++) (threads[t] = new Thread(work)).start();
    for (Thread thread : threads) thread.join();
    return answer;
  }

  private static Metadata metadata(Step step) {
    Metadata metadata = new Metadata();
    for (String[] pair : step.metadata) {
      if (pair[0].endsWith("-bin")) {
        metadata.put(
            Metadata.Key.of(pair[0], Metadata.BINARY_BYTE_MARSHALLER), Base64.getDecoder().decode(pair[1]));
      } else {
        metadata.put(Metadata.Key.of(pair[0], Metadata.ASCII_STRING_MARSHALLER), pair[1]);
      }
    }
    return metadata;
  }

  /** The step.spans spans of call number i. */
  private static ExportTraceServiceRequest request(Step step, int i) {
    KeyValue padding =
        KeyValue.newBuilder()
            .setKey("padding")
            .setValue(AnyValue.newBuilder().setStringValue("x".repeat(step.padding)))
            .build();
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int j = 0; j < step.spans; j++) {
      int number = step.first + i * step.spans + j;
      byte[] id = ByteBuffer.allocate(16).putInt(number).putInt(12, number).array();
      scope.addSpans(
          newBuilder()
              .setTraceId(ByteString.copyFrom(id))
              .setSpanId(ByteString.copyFrom(id, 8, 8))
              .setName("span " + number)
              .addAttributes(padding));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(scope))
        .build();
  }

  /** Sends step.spans spans with the OpenTelemetry SDK and its exporter, which speaks HTTP/2 by OkHttp. */
  private static Answer exportBySdk(Options options, Step step) {
    var exporter =
        OtlpGrpcSpanExporter.builder()
            .setEndpoint((options.ca.isEmpty() ? "http" : "https") + "://127.0.0.1:" + options.port)
            .setCompression(options.gzip ? "gzip" : "none")
            .setTimeout(step.deadlineMs, TimeUnit.MILLISECONDS)
            .setRetryPolicy(null);
    if (!options.ca.isEmpty()) exporter.setTrustedCertificates(options.ca.getBytes());
    if (!options.cert.isEmpty()) exporter.setClientTls(options.key.getBytes(), options.cert.getBytes());
    BatchSpanProcessor processor = BatchSpanProcessor.builder(exporter.build()).build();
    SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(processor).build();
    Tracer tracer = provider.get("interop");
    for (int n = 0; n < step.spans; n++) tracer.spanBuilder("span " + (step.first + n)).startSpan().end();
    boolean sent = provider.forceFlush().join(step.deadlineMs, TimeUnit.MILLISECONDS).isSuccess();
    provider.shutdown().join(step.deadlineMs, TimeUnit.MILLISECONDS);
    Answer answer = new Answer();
    answer.codes = new int[] {sent ? 0 : 2};
    if (!sent) answer.message = "forceFlush failed; see standard error";
    return answer;
  }
}
