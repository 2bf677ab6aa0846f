/**
 * What the process costs, under the names that Alloy's and the Collector's dashboards ask for. All threads together: CPU and
 * memory are the process's; the heap is main's own, those of all threads come from their probes (`#shared/thread-probe.ts`).
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '#shared/clock.ts';
import type { MetricFamily } from '#shared/registry.ts';
import { counter, gauge, type FamilySource } from './families.ts';

export interface ProcessFacts {
  readonly version: string;
  readonly clock: Clock;
}

export function processMetrics({ version, clock }: ProcessFacts): FamilySource {
  const startedS = clock.now() / 1000 - process.uptime();
  return () => {
    const cpu = process.cpuUsage();
    const cpuS = (cpu.user + cpu.system) / 1e6;
    const memory = process.memoryUsage();
    return [
      counter('alloy_resources_process_cpu_seconds_total', 'User and system CPU time of the process.', cpuS),
      gauge('alloy_resources_process_resident_memory_bytes', 'Resident memory of the process.', memory.rss),
      ...virtualMemory(),
      gauge(
        'alloy_resources_process_start_time_seconds',
        'When the process started, seconds since the epoch.',
        startedS,
      ),
      counter('otelcol_process_cpu_seconds_total', 'User and system CPU time of the process.', cpuS),
      gauge('otelcol_process_memory_rss_bytes', 'Resident memory of the process.', memory.rss),
      counter('otelcol_process_uptime_seconds_total', 'Time since the process started.', process.uptime()),
      gauge(
        'otelcol_process_runtime_heap_alloc_bytes',
        'Bytes of live and not yet collected objects in the heap of the main thread.',
        memory.heapUsed,
      ),
      gauge('otelcol_process_runtime_total_sys_memory_bytes', 'Resident memory of the process.', memory.rss),
      gauge('alloy_build_info', 'Constant 1; what runs is in the labels.', 1, {
        branch: '',
        revision: '',
        version: `v${version}`,
        nodeversion: process.version,
        os: process.platform,
        arch: process.arch,
      }),
    ];
  };
}

/** proc(5), the status file; elsewhere than on Linux there is none. */
function virtualMemory(): MetricFamily[] {
  if (process.platform !== 'linux') return [];
  const vmSizeKiB = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (vmSizeKiB === undefined) return [];
  return [
    gauge('alloy_resources_process_virtual_memory_bytes', 'Virtual memory of the process.', Number(vmSizeKiB) * 1024),
  ];
}
