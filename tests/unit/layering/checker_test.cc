// SPDX-License-Identifier: Apache-2.0
// Every rule fails on a snippet that breaks it and passes on the nearest one that doesn't.
#include "tests/unit/layering/checker.h"

#include <gtest/gtest.h>

namespace vozex::layering {
namespace {

constexpr std::string_view k_licence_line = "// SPDX-License-Identifier: Apache-2.0\n";

// The findings on `code`, which stands on line 2, below the licence line.
std::vector<Finding> findings(std::string_view path, std::string_view code) {
  return check_source(path, std::string(k_licence_line) + std::string(code));
}

struct Bad {
  std::string_view path;
  std::string_view code;
  std::string_view says;  // a part of the message
};

struct Good {
  std::string_view path;
  std::string_view code;
};

void check(const std::vector<Bad>& table) {
  for (const Bad& row : table) {
    SCOPED_TRACE(std::string(row.path) + ": " + std::string(row.code));
    const std::vector<Finding> found = findings(row.path, row.code);
    EXPECT_EQ(found.size(), 1U);
    if (found.empty()) continue;
    EXPECT_EQ(found[0].file, row.path);
    EXPECT_EQ(found[0].line, 2U);
    EXPECT_NE(found[0].message.find(row.says), std::string::npos) << found[0].message;
  }
}

void check(const std::vector<Good>& table) {
  for (const Good& row : table) {
    for (const Finding& finding : findings(row.path, row.code)) {
      ADD_FAILURE() << row.code << "\n" << to_text(finding);
    }
  }
}

TEST(Layering, AFindingReadsLikeACompilersError) {
  EXPECT_EQ(to_text({"engine/step/step.cc", 7, "what"}), "engine/step/step.cc:7: what");
  const std::vector<Finding> found =
      findings("engine/types/type.h", "\n\n#include \"engine/step/step.h\"\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(to_text(found[0]),
            "engine/types/type.h:4: engine/types may not include engine/step: it may include "
            "engine/base; move what it needs down, or pass it in");
}

TEST(Layering, ArrowsGoOneWayInTheEngine) {
  check(std::vector<Bad>{
      {"engine/base/id.h", "#include \"engine/types/type.h\"", "engine/base may not include"},
      {"engine/types/type.h", "#include \"engine/expr/expr.h\"", "it may include engine/base;"},
      {"engine/expr/eval.cc", "#include \"engine/machine/machine.h\"", "engine/machine"},
      {"engine/machine/machine.h", "#include \"engine/step/step.h\"", "engine/step"},
      {"engine/language/parse.cc", "#include \"engine/step/step.h\"", "engine/step"},
      {"engine/step/step.cc", "#include \"engine/language/parse.h\"", "engine/language"},
      {"engine/step/deep/step.cc", "#include \"engine/ports/store.h\"", "engine/ports"},
      {"engine/ports/store.h", "#include \"engine/expr/expr.h\"", "engine/expr"},
      {"engine/runtime/lane.cc", "#include \"engine/lab/scenario.h\"", "engine/lab"},
      {"engine/runtime/batch/batch.h",
       "#include \"engine/runtime/lanes/lane_core.h\"",
       "engine/runtime/batch may not include engine/runtime/lanes"},
      {"engine/runtime/calls/call_core.cc",
       "#include \"engine/runtime/engine_impl.h\"",
       "engine/runtime/calls may not include engine/runtime"},
      {"engine/lab/simulate.cc", "#include \"adapters/simulated/store.h\"", "only api/main.cc"},
      {"engine/step/step.cc", "#include \"api/http/server.h\"", "api/http"},
      {"engine/step/step.cc", "#include \"tests/support/build.h\"", "tests/support"},
      {"engine/novel/x.cc", "#include \"engine/base/id.h\"", "add it to ARCHITECTURE.md"},
  });
  check(std::vector<Good>{
      {"engine/base/id.cc", "#include \"engine/base/id.h\""},
      {"engine/step/step.cc", "#include \"engine/machine/machine.h\""},
      {"engine/step/step.cc", "// #include \"engine/language/parse.h\""},
      {"engine/runtime/lane.cc", "#include \"engine/step/step.h\""},
      {"engine/lab/simulate.cc", "#include \"engine/runtime/lane.h\""},
      {"tests/unit/step/step_test.cc", "#include \"engine/language/parse.h\""},
  });
}

TEST(Layering, AdaptersSeePortsAndPublicHeadersOfAdapters) {
  check(std::vector<Bad>{
      {"adapters/sqlite/store.cc", "#include \"engine/step/step.h\"", "adapters/sqlite may not"},
      {"adapters/simulated/store.cc", "#include \"engine/runtime/lane.h\"", "engine/runtime"},
      {"adapters/payments/stripe.cc", "#include \"api/http/server.h\"", "api/http"},
      {"adapters/payments/stripe.cc", "#include \"adapters/http/base64.h\"", "is not public"},
  });
  check(std::vector<Good>{
      {"adapters/simulated/store.cc", "#include \"engine/ports/store.h\""},
      {"adapters/payments/stripe.cc", "#include \"adapters/payments/router.h\""},
      {"adapters/payments/stripe.cc", "#include \"adapters/http/http_client.h\""},
  });
}

TEST(Layering, OnlyCompositionFilesSeeAdapters) {
  check(std::vector<Bad>{
      {"api/handlers/orders.cc", "#include \"adapters/sqlite/sqlite.h\"", "only api/main.cc"},
      {"api/cli/serve.cc", "#include \"adapters/postgres/postgres.h\"", "only api/main.cc"},
      {"api/sandbox/gateway.cc", "#include \"adapters/http/http_client.h\"", "only api/main.cc"},
      {"api/sandbox/gateway.cc", "#include \"adapters/payments/stripe.h\"", "is not public"},
      {"api/cli/serve.cc", "#include \"api/composition.h\"", "let main.cc pass it in"},
      {"api/main.cc", "#include \"tests/support/build.h\"", "tests/support"},
  });
  check(std::vector<Good>{
      {"api/main.cc", "#include \"adapters/sqlite/store.h\""},
      {"api/stores.cc", "#include \"adapters/postgres/store.h\""},
      {"api/main.cc", "#include \"api/stores.h\""},
      {"api/sandbox/gateway.cc", "#include \"adapters/payments/gateway.h\""},
      {"api/handlers/orders.cc", "#include \"api/http/router.h\""},
      {"api/handlers/orders.cc", "#include \"engine/runtime/lane.h\""},
  });
}

TEST(Layering, LibrariesHaveTheirHomes) {
  check(std::vector<Bad>{
      {"engine/base/hash.cc", "#include <openssl/evp.h>", "engine/base/sha256.cc"},
      {"engine/base/text.cc", "#include <nlohmann/json.hpp>", "knows no JSON"},
      {"api/handlers/body.cc", "#include <rapidjson/reader.h>", "through engine/types/json.h"},
      {"engine/base/text.cc", "#include <spdlog/spdlog.h>", "return an Error"},
      {"engine/lab/report.cc", "#include <spdlog/spdlog.h>", "return an Error"},
      {"engine/step/step.cc", "#include <yaml-cpp/yaml.h>", "through engine/language"},
      {"engine/lab/scenario.cc", "#include <yaml-cpp/yaml.h>", "through engine/language"},
      {"engine/language/check.cc", "#include <re2/re2.h>", "through engine/expr"},
      {"engine/runtime/lane.cc", "#include <boost/asio.hpp>", "no input or output"},
      {"engine/step/step.cc", "#include <boost/container/flat_map.hpp>", "standard library"},
      {"engine/runtime/lane.cc", "#include <pqxx/pqxx>", "Store port"},
      {"adapters/sqlite/store.cc", "#include <pqxx/pqxx>", "Store port"},
      {"adapters/sqlite/store.cc", "#include <libpq-fe.h>", "Store port"},
      {"api/handlers/list.cc", "#include <sqlite3.h>", "Store port"},
      {"adapters/payments/stripe.cc", "#include <curl/curl.h>", "adapters/http/http_client.h"},
      {"adapters/http/client.cc", "#include <boost/beast.hpp>", "api/http and api/sandbox"},
      {"api/handlers/orders.cc", "#include <boost/beast/http.hpp>", "api/http and api/sandbox"},
      {"api/handlers/orders.cc", "#include <CLI/CLI.hpp>", "api/cli"},
      {"engine/runtime/lane.cc", "#include <prometheus/counter.h>", "port"},
      {"engine/base/random.cc", "#include <sodium.h>", "adapters/"},
      {"engine/base/id.cc", "#include <stdint.h>", "<cstdint>"},
      {"engine/base/file.cc", "#include <sys/mman.h>", "behind a port"},
      {"api/main.cc", "#include <gtest/gtest.h>", "tests/"},
  });
  check(std::vector<Good>{
      {"engine/base/sha256.cc", "#include <openssl/evp.h>"},
      {"engine/base/random.cc", "#include <openssl/rand.h>"},
      {"engine/base/result.h", "#include <fmt/format.h>\n#include <tl/expected.hpp>"},
      {"engine/base/id.cc", "#include <cstdint>"},
      {"engine/types/value.cc", "#include <nlohmann/json.hpp>"},
      {"engine/language/parse.cc", "#include <yaml-cpp/yaml.h>"},
      {"engine/expr/match.cc", "#include <re2/re2.h>"},
      {"engine/runtime/lane.cc", "#include <spdlog/spdlog.h>"},
      {"engine/runtime/clock_driver.cc", "#include <time.h>"},
      {"adapters/postgres/store.cc", "#include <pqxx/pqxx>"},
      {"adapters/system/clock.cc", "#include <sys/timerfd.h>"},
      {"adapters/broker/kafka.cc", "#include <librdkafka/rdkafkacpp.h>"},
      {"api/http/server.cc", "#include <boost/beast.hpp>"},
      {"tests/unit/step/step_test.cc", "#include <nlohmann/json.hpp>"},
  });
}

TEST(Layering, HeadersDontShowHeavyLibraries) {
  check(std::vector<Bad>{
      {"engine/types/value.h", "#include <nlohmann/json.hpp>", "in a header of the engine"},
      {"engine/runtime/lane.h", "#include <nlohmann/json_fwd.hpp>", "in a header of the engine"},
      {"engine/expr/node.h", "#include <yaml-cpp/yaml.h>", "through engine/language"},
      {"api/handlers/list.h", "#include <pqxx/pqxx>", "Store port"},
      {"api/http/server.h", "#include <boost/beast.hpp>", "*_internal.h"},
      {"api/sandbox/gateway.h", "#include <boost/beast/http.hpp>", "*_internal.h"},
  });
  check(std::vector<Good>{
      {"api/http/session_internal.h", "#include <boost/beast.hpp>"},
      {"api/http/internal/session.h", "#include <boost/beast.hpp>"},
      {"api/handlers/body.h", "#include <nlohmann/json.hpp>"},
      {"adapters/postgres/connection.h", "#include <pqxx/pqxx>"},
      {"engine/language/node.h", "#include <yaml-cpp/mark.h>"},
  });
}

TEST(Layering, IncludesStartAtTheRoot) {
  check(std::vector<Bad>{
      {"engine/step/step.cc", "#include \"step.h\"", "\"engine/step/step.h\""},
      {"adapters/sqlite/store.cc", "#include \"../engine/base/id.h\"", "root of the repository"},
      {"engine/step/step.cc", "#include <engine/step/step.h>", "write \"engine/step/step.h\""},
  });
}

TEST(Layering, EverySourceBeginsWithItsLicence) {
  const auto says = [](std::string_view text) {
    const std::vector<Finding> found = check_source("tests/unit/step/step_test.cc", text);
    return found.empty() ? "" : to_text(found[0]);
  };
  const std::string missing =
      "tests/unit/step/step_test.cc:1: the first line must be \"// SPDX-License-Identifier: "
      "Apache-2.0\"";
  EXPECT_EQ(says(""), missing);
  EXPECT_EQ(says("#pragma once\n// SPDX-License-Identifier: Apache-2.0\n"), missing);
  EXPECT_EQ(says("// SPDX-License-Identifier: MIT\n"), missing);
  EXPECT_EQ(says("// SPDX-License-Identifier: Apache-2.0"), "");
  EXPECT_EQ(says("// SPDX-License-Identifier: Apache-2.0\n#pragma once\n"), "");
}

TEST(Layering, TheRuntimeDecidesAndItsDriversAct) {
  check(std::vector<Bad>{
      {"engine/runtime/lane.cc", "std::thread worker;", "*_driver.cc"},
      {"engine/runtime/lane.cc", "std::jthread worker;", "*_driver.cc"},
      {"engine/runtime/lane.cc", "std::mutex mutex_;", "*_driver.cc"},
      {"engine/runtime/lane.cc", "std::lock_guard<std::mutex> lock(m);", "*_driver.cc"},
      {"engine/runtime/lane.h", "std::condition_variable ready_;", "*_driver.cc"},
      {"engine/runtime/timers.cc", "auto t = std::chrono::system_clock::now();", "clock port"},
      {"engine/runtime/timers.cc", "auto t = Clock::now();", "clock port"},
      {"engine/runtime/timers.cc", "std::random_device device;", "random port"},
      {"engine/runtime/calls.h", "std::unordered_map<int, int> calls_;", "std::map"},
  });
}

TEST(Layering, DriversMayUseThreadsAndClocks) {
  check(std::vector<Good>{
      {"engine/runtime/lanes/lane_driver.cc", "std::thread t; auto n = Clock::now();"},
      {"engine/runtime/lanes/lane_driver.h", "std::mutex mutex_; std::unordered_map<int, int> m_;"},
      {"engine/runtime/beat_thread.cc", "std::this_thread::yield();"},
      {"engine/runtime/lane.cc", "auto n = clock_.now();"},
      {"engine/runtime/lane.cc", "// std::mutex is for drivers\nauto s = \"std::thread\";"},
      {"engine/runtime/lane.cc", "Time::now_or_never(); my::std::threading();"},
      {"adapters/system/clock.cc", "auto n = std::chrono::system_clock::now(); std::mutex m;"},
  });
}

TEST(Layering, DecisionsKnowNoClockAndNoChance) {
  for (const std::string_view folder : {"engine/step", "engine/machine", "engine/expr"}) {
    const std::string path = std::string(folder) + "/decide.cc";
    check(std::vector<Bad>{
        {path, "auto t = std::chrono::steady_clock::now();", "it comes with the event"},
        {path, "auto t = std::time(NULL);", "it comes with the event"},
        {path, "auto t = time(nullptr);", "it comes with the event"},
        {path, "clock_gettime(CLOCK_REALTIME, &t);", "it comes with the event"},
        {path, "auto z = date::current_zone();", "name the zone"},
        {path, "std::mt19937 generator;", "random value as an argument"},
        {path, "std::random_device device;", "random value as an argument"},
        {path, "int r = rand();", "random value as an argument"},
    });
    check(std::vector<Good>{
        {path, "auto t = event.now; auto d = operand(1); x.time(null);"},
    });
  }
}

}  // namespace
}  // namespace vozex::layering
