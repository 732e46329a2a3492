// SPDX-License-Identifier: Apache-2.0
//
// The stores alone: order-like groups committed as fast as one lane, or several, can. An order is
// three groups: it starts (instance, history, mark, key, call, timer), its call ends (update,
// history, mark), it completes (moved to finished, history, mark, key ended). items_per_second
// counts groups; a third of that are orders. The argument is the size of a batch. SQLite writes
// into the temporary folder, PostgreSQL to VOZEX_TEST_POSTGRES.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/postgres_store.h"
#include "adapters/simulated/simulated_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "engine/base/assert.h"

namespace vozex {
namespace {

constexpr Timestamp k_now{std::chrono::seconds(1'800'000'000)};

// The orders of one lane, batch after batch.
class Orders {
 public:
  Orders(std::uint32_t lane, std::size_t batch) : lane_(lane), batch_(batch) {}

  ports::CommitRequest next() {
    if (stage_ == 0) first_ += static_cast<std::uint32_t>(batch_);
    ports::CommitRequest request;
    request.etag = (Etag{lane_ + 1} << 40) + ++commits_;
    request.now = k_now;
    for (std::uint32_t i = 0; i < batch_; ++i) request.groups.push_back(group(first_ + i));
    last_etag_ = request.etag;
    stage_ = (stage_ + 1) % 3;
    return request;
  }

 private:
  InstanceId id_of(std::uint32_t order) const {
    InstanceId id;
    for (std::size_t i = 0; i < 4; ++i) {
      id.bytes[2 + i] = static_cast<std::uint8_t>(order >> (8 * (3 - i)));
    }
    id.bytes[8] = static_cast<std::uint8_t>(lane_);
    id.bytes[15] = static_cast<std::uint8_t>(order * 97);
    return id;
  }

  ports::Group group(std::uint32_t order) const {
    const InstanceId id = id_of(order);
    const Shard shard = shard_of(id);
    ports::Group group;
    ports::InstanceWrite write;
    ports::InstanceRow& row = write.row;
    row.id = row.root = id;
    row.shard = shard;
    row.tenant = "default";
    row.workflow = "order";
    row.version = 1;
    row.key = id.text();
    row.seq = static_cast<std::uint32_t>(stage_ + 1);
    row.state = stage_ == 0 ? "live.paying" : "live.packing";
    row.status = "open";
    row.at = row.started_at = k_now;
    row.input = R"({"amount":1999,"currency":"EUR","items":[{"product":"p1","quantity":1}]})";
    row.data =
        R"({"captured":1999,"paid":true,"payment":"pay_1234567890"})" + std::string(150, ' ');
    row.rt = R"({"f":1,"timers":[],"invocations":[]})" + std::string(150, ' ');
    write.old = stage_ == 0 ? 0 : last_etag_;
    write.data_changed = stage_ != 2;
    const std::string event = id.text() + std::to_string(stage_);
    group.history.push_back({shard,
                             id,
                             row.seq,
                             machine::Disposition::transitioned,
                             k_now,
                             R"({"event":"payment.captured"})" + std::string(250, ' ')});
    group.marks.push_back({mark_of("default", "bench", event),
                           id,
                           row.seq,
                           machine::Disposition::transitioned,
                           R"({"disposition":"transitioned"})",
                           false});
    add_stage(group, row);
    group.instances.push_back(std::move(write));
    return group;
  }

  void add_stage(ports::Group& group, ports::InstanceRow& row) const {
    const ports::BindingKey key{"default", "order", row.key};
    ports::CallWrite call;
    call.row.id = {row.id, 1, 0};
    call.row.shard = row.shard;
    call.row.tenant = "default";
    call.row.adapter = "payments";
    call.row.owner = call.expect_owner = SessionId{{1}};
    call.row.request = R"({"input":{"amount":1999}})" + std::string(150, ' ');
    call.expect_attempt = 1;
    if (stage_ == 0) {
      row.timer_at = k_now + std::chrono::minutes(30);
      group.bindings.push_back({ports::BindingOp::take_key, key, {row.shard, row.id}, false});
      group.calls.push_back(call);
    } else if (stage_ == 1) {
      call.op = ports::CallOp::end;
      row.timer_at = k_now + std::chrono::minutes(60);
      group.calls.push_back(call);
    } else {
      row.life = machine::Life::completed;
      row.state = "done";
      row.output = R"({"ok":true})";
      group.bindings.push_back({ports::BindingOp::end, key, {row.shard, row.id}, false});
    }
  }

  std::uint32_t lane_;
  std::size_t batch_;
  int stage_ = 0;
  std::uint32_t first_ = 0;
  Etag commits_ = 0;
  Etag last_etag_ = 0;
};

void commit_orders(benchmark::State& state, ports::Store& store) {
  auto lane = store.open_lane();
  VOZEX_ASSERT(lane.has_value());
  const auto batch = static_cast<std::size_t>(state.range(0));
  Orders orders(static_cast<std::uint32_t>(state.thread_index()), batch);
  for (auto _ : state) {
    const auto reply = (*lane)->commit(orders.next());
    VOZEX_ASSERT(reply.has_value());
    for (const auto& verdict : reply->verdicts) {
      VOZEX_ASSERT(verdict.verdict == ports::Verdict::committed);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// One store for all threads of one run.
std::unique_ptr<ports::Store> shared_store;

void open_simulated(const benchmark::State&) {
  shared_store = std::make_unique<simulated::SimulatedStore>();
}

std::filesystem::path sqlite_path() {
  return std::filesystem::temp_directory_path() / ("vozex-bench-" + std::to_string(getpid()));
}

void open_sqlite(const benchmark::State&) {
  std::filesystem::create_directory(sqlite_path());
  auto store = sqlite::open_store("sqlite://" + (sqlite_path() / "bench.db").string());
  VOZEX_ASSERT(store.has_value());
  shared_store = std::move(*store);
}

void close(const benchmark::State&) {
  shared_store.reset();
  std::filesystem::remove_all(sqlite_path());
}

void run_on_server(const std::string& script) {
  auto server =
      postgres::Connection::open(std::getenv("VOZEX_TEST_POSTGRES"), postgres::Profile::setup);
  VOZEX_ASSERT(server.has_value() && (*server)->execute(script).has_value());
}

void open_postgres(const benchmark::State&) {
  run_on_server("DROP DATABASE IF EXISTS vozex_store_bench WITH (FORCE)");
  run_on_server("CREATE DATABASE vozex_store_bench");
  std::string url = std::getenv("VOZEX_TEST_POSTGRES");
  url = url.substr(0, url.rfind('/')) + "/vozex_store_bench";
  auto store = postgres::open_store(url);
  VOZEX_ASSERT(store.has_value());
  shared_store = std::move(*store);
}

void close_postgres(const benchmark::State&) {
  shared_store.reset();
  run_on_server("DROP DATABASE vozex_store_bench WITH (FORCE)");
}

void store_commit(benchmark::State& state) { commit_orders(state, *shared_store); }

void store_postgres(benchmark::State& state) {
  if (std::getenv("VOZEX_TEST_POSTGRES") == nullptr) {
    state.SkipWithError("VOZEX_TEST_POSTGRES is not set");
    return;
  }
  commit_orders(state, *shared_store);
}

void add_sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgName("batch")->Arg(1)->Arg(50)->UseRealTime();
}

BENCHMARK(store_commit)->Name("store/simulated")->Apply(add_sizes)->Setup(open_simulated);
BENCHMARK(store_commit)
    ->Name("store/sqlite")
    ->Apply(add_sizes)
    ->Threads(1)
    ->Threads(8)
    ->Setup(open_sqlite)
    ->Teardown(close);
BENCHMARK(store_postgres)
    ->Name("store/postgres")
    ->Apply(add_sizes)
    ->Threads(1)
    ->Threads(2)
    ->Threads(4)
    ->Setup([](const benchmark::State& state) {
      if (std::getenv("VOZEX_TEST_POSTGRES") != nullptr) open_postgres(state);
    })
    ->Teardown([](const benchmark::State& state) {
      if (std::getenv("VOZEX_TEST_POSTGRES") != nullptr) close_postgres(state);
    });

}  // namespace
}  // namespace vozex
