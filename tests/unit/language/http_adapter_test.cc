// SPDX-License-Identifier: Apache-2.0
// Adapters that are declared as HTTP: what the compiler makes of them. What it refuses:
// tests/golden/diagnostics/http_*.yaml.
#include <gtest/gtest.h>

#include "engine/machine/http_operation.h"
#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

using machine::HttpAuth;
using machine::HttpOperation;
using machine::OperationRef;

constexpr const char* k_adapter = R"(vozex: 1
adapter: shipping
http:
  base: https://api.example.com/v1/
  auth: {basic: {user: shop, password: SHIPPING_PASSWORD}}
  headers: {X-Version: 1.10}
  timeout: 7s
operations:
  book:
    input: {order: string, weight: optional<int>}
    output: {id: string}
    errors: [too_heavy]
    repeat: never
    ask: find
    request: {method: POST, path: "/orders/${input.order}/parcels", query: {dry: false}, body: {weight: "${input.weight}"}}
    answers:
      else: {error: refused}
      201: {output: {id: "${response.headers['x-id']}"}}
      400-422: {error: too_heavy, message: "${response.body.message}"}
      503: {error: unavailable, retryable: true}
  find:
    input: {order: string}
    output: {outcome: enum(happened|not_happened|unclear), result: optional<json>}
    request: {method: GET, path: "/orders/${input.order}"}
  drop: {input: {id: string}, repeat: by_key, idempotency_header: X-Key, request: {method: DELETE, path: "/parcels/${input.id}"}}
)";

OperationRef operation(const std::string& name) {
  const SourceSet set{{{"shipping.yaml", k_adapter}}};
  const Compilation made = compile(set);
  EXPECT_EQ(render(made.diagnostics, set), "");
  for (const OperationRef& one : made.operations) {
    if (one->name == name) return one;
  }
  return nullptr;
}

TEST(HttpAdapter, HeadIsSharedByAllOperations) {
  for (const char* name : {"book", "find", "drop"}) {
    const OperationRef declared = operation(name);
    ASSERT_NE(declared, nullptr);
    ASSERT_NE(declared->http, nullptr);
    const HttpOperation& http = *declared->http;
    EXPECT_EQ(http.base, "https://api.example.com/v1");
    EXPECT_EQ(http.auth.kind, HttpAuth::Kind::basic);
    EXPECT_EQ(http.auth.name, "shop");
    EXPECT_EQ(http.auth.secret, "SHIPPING_PASSWORD");
    EXPECT_EQ(http.timeout, Duration(std::chrono::seconds(7)));
    ASSERT_EQ(http.headers.size(), 1U);
    EXPECT_EQ(*expr::constant_of(*http.headers[0].value), types::Value::string("1.10"));
  }
}

TEST(HttpAdapter, RequestIsCutIntoTextsAndValues) {
  const OperationRef book = operation("book");
  const HttpOperation& http = *book->http;
  EXPECT_EQ(http.method, "POST");
  ASSERT_EQ(http.path.size(), 3U);
  EXPECT_EQ(http.path[0].text, "/orders/");
  EXPECT_EQ(expr::source_of(*http.path[1].value), "input.order");
  EXPECT_EQ(http.path[2].text, "/parcels");
  ASSERT_EQ(http.query.size(), 1U);
  EXPECT_EQ(http.query[0].name, "dry");
  EXPECT_NE(http.body, nullptr);
  EXPECT_FALSE(http.form);
}

TEST(HttpAdapter, ElseIsTheLastAnswerWhereverItStands) {
  const auto answers = operation("book")->http->answers;
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].first, 201);
  EXPECT_EQ(answers[0].last, 201);
  EXPECT_EQ(answers[1].first, 400);
  EXPECT_EQ(answers[1].last, 422);
  EXPECT_EQ(answers[1].error, "too_heavy");
  EXPECT_TRUE(answers[2].retryable);
  EXPECT_EQ(answers[3].first, 100);
  EXPECT_EQ(answers[3].last, 599);
}

TEST(HttpAdapter, ReadingIsSafeUnlessTheFileSaysOtherwise) {
  EXPECT_EQ(operation("find")->repeat, machine::Repeat::safe);
  EXPECT_TRUE(operation("find")->read_only);
  EXPECT_EQ(operation("book")->repeat, machine::Repeat::never);
  EXPECT_FALSE(operation("book")->read_only);
  EXPECT_EQ(operation("drop")->http->idempotency_header, "X-Key");
}

std::vector<machine::SourceFile> with_workflow(const std::string& adapter) {
  return {{"shipping.yaml", adapter}, {"parcel.yaml", R"(vozex: 1
workflow: parcel
version: 1
key: input.order
input: {order: string}
states:
  booking:
    invoke: {call: shipping.book, with: {order: "${input.order}"}, on_done: done, on_error: failed}
  done: {type: final}
  failed: {type: final, outcome: failed, error: {code: not_booked}}
)"}};
}

machine::MachineRef parcel(const std::string& adapter) {
  const SourceSet set{with_workflow(adapter)};
  const Compilation made = compile(set);
  EXPECT_EQ(render(made.diagnostics, set), "");
  return made.machines.empty() ? nullptr : made.machines.front();
}

TEST(HttpAdapter, AMachineKnowsWhatItsCallsMeanAndWhatTheyAsk) {
  const auto machine = parcel(k_adapter);
  ASSERT_NE(machine, nullptr);
  for (const char* name : {"book", "find"}) {
    const OperationRef found = find_http_operation(*machine, "shipping", name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->name, name);
  }
  EXPECT_EQ(find_http_operation(*machine, "shipping", "drop"), nullptr);
  EXPECT_EQ(find_http_operation(*machine, "other", "book"), nullptr);
}

// The way a call is carried out belongs to the version; what an adapter in C++ declares doesn't.
TEST(HttpAdapter, ContentHashCoversTheDeclaration) {
  std::string changed = k_adapter;
  changed.replace(changed.find("/parcels\""), 9, "/boxes\"");
  EXPECT_NE(parcel(k_adapter)->content_hash, parcel(changed)->content_hash);
  EXPECT_EQ(parcel(k_adapter)->content_hash, parcel(k_adapter)->content_hash);
  const std::string other = R"(vozex: 1
adapter: shipping
operations: {book: {input: {order: string}}}
)";
  EXPECT_EQ(parcel(other)->content_hash, parcel(other + "# a word\n")->content_hash);
}

// A stored version is compiled again from its own files.
TEST(HttpAdapter, StoredSourcesHoldWhatTheAdapterImports) {
  const std::string adapter = R"(vozex: 1
adapter: shipping
import: [parcels]
http: {base: https://api.example.com}
operations: {book: {input: order_ref, request: {method: PUT, path: "/orders/${input.order}"}}}
)";
  SourceSet set{with_workflow(adapter)};
  set.files.push_back(
      {"t.yaml", "vozex: 1\ntypes_of: parcels\ntypes: {order_ref: {order: string}}\n"});
  const Compilation made = compile(set);
  EXPECT_EQ(render(made.diagnostics, set), "");
  ASSERT_EQ(made.machines.size(), 1U);
  const Compilation again = compile({made.machines[0]->sources});
  EXPECT_EQ(render(again.diagnostics, {made.machines[0]->sources}), "");
  ASSERT_EQ(again.machines.size(), 1U);
  EXPECT_EQ(again.machines[0]->content_hash, made.machines[0]->content_hash);
}

}  // namespace
}  // namespace vozex::language
