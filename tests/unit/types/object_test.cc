// SPDX-License-Identifier: Apache-2.0
#include "engine/types/object.h"

#include <gtest/gtest.h>

#include "engine/types/json.h"

namespace vozex::types {
namespace {

TEST(Object, LeavesOutWhatSaysNothing) {
  EXPECT_EQ(to_json(Object()
                        .put("null", Value())
                        .text("text", "")
                        .moment("moment", "2018-19-12T22:20:32.000Z")
                        .number("number", std::optional<std::int64_t>())
                        .money("amount", std::nullopt, "USD")
                        .money("price", 7, "")
                        .done()),
            "{}");
}

TEST(Object, HoldsWhatIsSaid) {
  EXPECT_EQ(to_json(Object()
                        .flag("a", false)
                        .list("b", {})
                        .list("c", {"x"})
                        .money("d", -7, "jpy")
                        .moment("e", "2026-01-02T03:04:05Z")
                        .number("f", std::uint64_t{7})
                        .number("g", std::optional<std::int64_t>(0))
                        .text("h", "i")
                        .done()),
            R"({"a":false,"b":[],"c":["x"],"d":{"currency":"JPY","minor":-7},)"
            R"("e":"2026-01-02T03:04:05Z","f":7,"g":0,"h":"i"})");
}

}  // namespace
}  // namespace vozex::types
