// SPDX-License-Identifier: Apache-2.0
//
// A parent of a hundred, five hundred and two thousand children, each of which makes a durable call
// and ends: how long until the parent has joined them, and what the database's log grows by for
// each. What grows faster than the children are would show here.
#include <fmt/format.h>

#include "tests/bench/server.h"

namespace vozex::bench {
namespace {

constexpr const char* k_parent = R"(vozex: 1
workflow: bench_parent
version: 1
key: input.id
input: {id: string, parts: list<int>}
output: {sum: int}
data: {sum: {type: int, default: 0}}
initial: sharing
states:
  sharing:
    invoke:
      id: parts
      for_each: {n: input.parts}
      workflow: bench_part
      input: {id: "${input.id + '/' + string(n)}", n: "${n}"}
      on_done: {target: joined, set: {sum: "${invoked.parts.map(p, p.result.n).sum()}"}}
      on_error: joined
  joined: {type: final, output: {sum: "${data.sum}"}}
)";

constexpr const char* k_part = R"(vozex: 1
workflow: bench_part
version: 1
key: input.id
input: {id: string, n: int}
output: {n: int}
initial: working
states:
  working:
    invoke:
      call: payments.get
      with: {gateway: bench, payment_id: "${input.id}"}
      on_done: done
      on_error: done
  done: {type: final, output: {n: "${input.n}"}}
)";

double log_bytes(const Place& place) {
  return place.on_postgres() ? place.ask_database("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
                             : 0;
}

void measure_size(
    const Place& place, const Server& server, int size, const std::string& name, Report& report) {
  std::string parts;
  for (int i = 0; i < size; ++i) parts += (i == 0 ? "" : ",") + std::to_string(i);
  const std::string path = fmt::format("/v1/instances/bench_parent/p{}", size);
  const double bytes_before = log_bytes(place);
  const double begin = now_seconds();
  bool begun = false;
  const LoadResult load =
      run_load(server.port(), 1, [&](std::size_t, std::string_view answer, std::string& request) {
        if (!begun) {
          begun = true;
          request = post_request(
              "/v1/instances",
              k_key,
              fmt::format(R"({{"workflow":"bench_parent","input":{{"id":"p{}","parts":[{}]}}}})",
                          size,
                          parts));
          return;
        }
        const bool over = answer.find(R"("life":"completed")") != std::string::npos;
        if (!over && now_seconds() - begin < 60) request = get_request(path, k_key);
      });
  const double seconds = now_seconds() - begin;
  const std::string sum = fmt::format(R"("sum":{})", size * (size - 1) / 2);
  const std::string parent = server.get(path);
  if (load.failed > 0 || parent.find(sum) == std::string::npos)
    return report.skip(name, "expected " + sum + ", got " + parent.substr(0, 1000));
  report.add(name, seconds * 1000 / size, "ms");
  if (!place.on_postgres()) return;
  report.add(name + ".log_bytes", (log_bytes(place) - bytes_before) / size, "B");
}

void measure_store(const Settings& settings, const std::string& store, Report& report) {
  const Place place(
      settings,
      store,
      {{"bench_parent.yaml", k_parent},
       {"bench_part.yaml", k_part},
       {"payments.yaml", read_file(VOZEX_SOURCE_DIR "/workflows/adapters/payments.yaml")}});
  Server server(place);
  if (!server.is_ready()) return report.skip("fanout." + store, server.log().substr(0, 2000));
  for (const int size : {100, 500, 2000})
    measure_size(place, server, size, fmt::format("fanout.{}.{}", store, size), report);
}

}  // namespace

void measure_fanout(const Settings& settings, Report& report) {
  for (const std::string& store : stores(settings)) measure_store(settings, store, report);
}

}  // namespace vozex::bench
