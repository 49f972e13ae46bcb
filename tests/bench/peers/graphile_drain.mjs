// graphile-worker at its best documented setting: local queue of 500, batched completion, concurrency 24.
// Run by the benchmark in an environment of its own: `node graphile_drain.mjs DSN JOBS`, which prints one JSON line.
import { makeWorkerUtils, run } from "graphile-worker";

const [dsn, count] = process.argv.slice(2);
const jobs = Number(count);
const quiet = { error() {}, warn() {}, info() {}, debug() {}, scope() { return quiet; } };

const utils = await makeWorkerUtils({ connectionString: dsn, logger: quiet });
await utils.migrate();
await utils.withPgClient((client) =>
  client.query(
    "select graphile_worker.add_jobs(array(select json_populate_record(null::graphile_worker.job_spec, " +
      `'{"identifier":"noop"}'::json) from generate_series(1, $1)))`,
    [jobs],
  ),
);

let handled = 0;
let finished;
const drained = new Promise((resolve) => (finished = resolve));
const started = performance.now();
const runner = await run({
  connectionString: dsn,
  logger: quiet,
  noHandleSignals: true,
  taskList: {
    noop: () => {
      handled += 1;
      if (handled === jobs) finished();
    },
  },
  preset: {
    worker: {
      concurrentJobs: 24,
      maxPoolSize: 25,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
await drained;
await runner.stop();
console.log(JSON.stringify({ jobs: handled, seconds: (performance.now() - started) / 1000 }));
await utils.release();
