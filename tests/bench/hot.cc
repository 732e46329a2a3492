// SPDX-License-Identifier: Apache-2.0
//
// One hot instance: every client posts events for the same one, so that nothing can be done side by
// side and everything hangs on folding. Afterwards its counter must have counted each event.
#include <fmt/format.h>

#include "tests/bench/server.h"

namespace vozex::bench {
namespace {

constexpr const char* k_workflow = R"(vozex: 1
workflow: bench_hot
version: 1
key: input.id
input: {id: string}
data: {hits: {type: int, default: 0}}
events:
  bench.hit: {data: {id: string}, match: event.data.id}
  bench.end: {data: {id: string}, match: event.data.id}
initial: open
states:
  open:
    on:
      bench.hit: {set: {hits: "${data.hits + 1}"}}
      bench.end: over
  over: {type: final}
)";

constexpr const char* k_hit =
    R"({"specversion":"1.0","id":"h-############","source":"bench","type":"bench.hit",)"
    R"("data":{"id":"the-one"}})";

void measure_store(const Settings& settings, const std::string& store, Report& report) {
  const std::string name = "hot." + store;
  const Place place(settings, store, {{"bench_hot.yaml", k_workflow}});
  Server server(place);
  if (!server.is_ready()) return report.skip(name, server.log().substr(0, 2000));
  bool begun = false;
  run_load(server.port(), 1, [&](std::size_t, std::string_view, std::string& request) {
    if (begun) return;
    begun = true;
    request = post_request(
        "/v1/instances", k_key, R"({"workflow":"bench_hot","input":{"id":"the-one"}})");
  });
  const double until = now_seconds() + settings.seconds();
  RequestTemplate hit(post_request("/v1/events", k_key, k_hit), "############");
  std::uint64_t sent = 0;
  LoadResult load =
      run_load(server.port(), 64, [&](std::size_t, std::string_view, std::string& request) {
        if (now_seconds() < until) request = hit.fill(fmt::format("{:012}", sent++));
      });
  if (load.failed > 0) return report.skip(name, load.first_failure);
  const std::string counted = fmt::format(R"("hits":{})", sent);
  const std::string instance = server.get("/v1/instances/bench_hot/the-one");
  if (instance.find(counted) == std::string::npos)
    return report.skip(name, "expected " + counted + ", got " + instance.substr(0, 2000));
  report.add(name, static_cast<double>(sent) / load.seconds, "/s", Goal{"", 5000});
  report.add(name + ".request_p50", percentile(load.milliseconds, 0.5), "ms");
  report.add(name + ".request_p99", percentile(load.milliseconds, 0.99), "ms");
}

}  // namespace

void measure_hot(const Settings& settings, Report& report) {
  for (const std::string& store : stores(settings)) measure_store(settings, store, report);
}

}  // namespace vozex::bench
