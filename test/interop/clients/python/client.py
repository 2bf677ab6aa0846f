"""Client of the interop tests on grpcio (the C core). What it reads and writes: test/support/grpc-peer.ts."""

import base64
import itertools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def credentials(options):
    if not options["ca"]:
        return None
    own = options["cert"] != ""
    return grpc.ssl_channel_credentials(
        options["ca"].encode(),
        options["key"].encode() if own else None,
        options["cert"].encode() if own else None,
    )


def connect(options):
    target = f"127.0.0.1:{options['port']}"
    settings = [("grpc.enable_http_proxy", 0)]
    if options["keepaliveMs"] > 0:
        settings += [
            ("grpc.keepalive_time_ms", options["keepaliveMs"]),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
        ]
    compression = grpc.Compression.Gzip if options["gzip"] else grpc.Compression.NoCompression
    tls = credentials(options)
    if tls is None:
        return grpc.insecure_channel(target, settings, compression)
    return grpc.secure_channel(target, tls, settings, compression)


def request(step, i):
    """The step's spans of call number i."""
    message = ExportTraceServiceRequest()
    scope = message.resource_spans.add().scope_spans.add()
    for j in range(step["spans"]):
        number = step["first"] + i * step["spans"] + j
        trace_id = number.to_bytes(4, "big") + bytes(8) + number.to_bytes(4, "big")
        span = scope.spans.add(trace_id=trace_id, span_id=trace_id[8:], name=f"span {number}")
        span.attributes.add(key="padding").value.string_value = "x" * step["padding"]
    return message


def call(channel, step):
    """Makes step.calls calls, step.concurrency at once, and tells the status of each."""
    method = channel.unary_unary(
        step["method"],
        request_serializer=ExportTraceServiceRequest.SerializeToString,
        response_deserializer=ExportTraceServiceResponse.FromString,
    )
    metadata = [(k, base64.b64decode(v) if k.endswith("-bin") else v) for k, v in step["metadata"]]
    codes = [0] * step["calls"]
    message = ""
    counter = itertools.count()
    lock = threading.Lock()

    def work():
        nonlocal message
        while True:
            with lock:
                i = next(counter)
            if i >= step["calls"]:
                return
            try:
                method(request(step, i), timeout=step["deadlineMs"] / 1000, metadata=metadata)
            except grpc.RpcError as failure:
                codes[i] = failure.code().value[0]
                message = failure.details()

    with ThreadPoolExecutor(step["concurrency"]) as pool:
        for done in [pool.submit(work) for _ in range(step["concurrency"])]:
            done.result()
    return {"codes": codes, "message": message}


def export_by_sdk(options, step):
    """Sends step.spans spans with the OpenTelemetry SDK and its exporter."""
    tls = credentials(options)
    exporter = OTLPSpanExporter(
        endpoint=f"127.0.0.1:{options['port']}",
        insecure=tls is None,
        credentials=tls,
        timeout=step["deadlineMs"] / 1000,
        compression=grpc.Compression.Gzip if options["gzip"] else grpc.Compression.NoCompression,
    )
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("interop")
    for n in range(step["spans"]):
        tracer.start_span(f"span {step['first'] + n}").end()
    sent = provider.force_flush(step["deadlineMs"])
    provider.shutdown()
    return {"codes": [0 if sent else 2], "message": "" if sent else "force_flush failed; see standard error"}


def main():
    options = None
    channel = None
    for line in sys.stdin:
        told = json.loads(line)
        if "port" in told:
            if channel is not None:
                channel.close()
            options = told
            channel = connect(options)
            continue
        answer = export_by_sdk(options, told) if told["sdk"] else call(channel, told)
        print(json.dumps(answer), flush=True)
    channel.close()


main()
