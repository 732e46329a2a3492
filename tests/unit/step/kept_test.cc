// SPDX-License-Identifier: Apache-2.0
// What waits in an instance is bounded by number and by bytes.
#include <gtest/gtest.h>

#include "engine/step/kept.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Disposition;
using machine::Life;

types::Value text_of(std::size_t bytes) {
  return types::Value::object({{"text", types::Value::string(std::string(bytes, 'x'))}});
}

Walk deferring() {
  MachineBuilder b;
  b.state("a").state("b");
  b.on("a", "later", {.defer = true}).on("a", "go", {.to = {"b"}}).on("b", "later", {});
  return Walk(b.build());
}

TEST(Kept, AsManySmallEventsAreDeferredAsThereMayBe) {
  Walk walk = deferring();
  for (std::size_t i = 0; i < machine::k_max_deferred; ++i) walk.event("later");
  EXPECT_EQ(walk.snapshot.deferred.size(), machine::k_max_deferred);
  walk.event("later");
  EXPECT_EQ(walk.snapshot.life, Life::held);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "too_many_deferred");
}

TEST(Kept, LargeEventsAreDeferredUpToTheirBytes) {
  Walk walk = deferring();
  const std::size_t each = stepping::k_max_kept_bytes / 8;
  for (int i = 0; i < 7; ++i) walk.event("later", text_of(each));
  EXPECT_EQ(walk.snapshot.life, Life::running);
  walk.event("later", text_of(2 * each));
  EXPECT_EQ(walk.snapshot.life, Life::held);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "deferred_too_large");
  EXPECT_EQ(walk.snapshot.deferred.size(), 7u);
}

TEST(Kept, AHeldInstanceRefusesWhatDoesNotFitAnyMore) {
  Walk walk = deferring();
  walk.cause(machine::Suspended{{"ann", {}}, "stocktaking"});
  const std::size_t each = stepping::k_max_kept_bytes / 8;
  for (int i = 0; i < 7; ++i) walk.event("go", text_of(each));
  EXPECT_EQ(walk.out.disposition, Disposition::queued);
  walk.event("go", text_of(2 * each));
  EXPECT_EQ(walk.out.disposition, Disposition::rejected);
  EXPECT_EQ(walk.out.rejection.code, "queue_full");
  walk.event("go");
  EXPECT_EQ(walk.out.disposition, Disposition::queued) << "a small one still fits";
}

// Its children go on, and each may give much.
TEST(Kept, AHeldParentQueuesWhatItsChildrenGaveAsLongAsThereIsRoom) {
  MachineBuilder b;
  b.data("codes", "[]").state("a").state("b");
  MachineBuilder::Invoke invoke;
  invoke.id = "all";
  invoke.workflow = "'other'";
  invoke.for_each = "[1, 2, 3]";
  invoke.on_error = {{.to = {"b"}, .actions = {set("codes", "invoked.all.map(i, i.error)")}}};
  b.invoke("a", invoke);
  Walk walk(b.build());
  walk.cause(machine::Suspended{{"ann", {}}, "stocktaking"});
  for (std::size_t i = 0; i < 3; ++i)
    walk.child_done(walk.children[i], text_of(stepping::k_max_kept_bytes * 2 / 5), true);
  EXPECT_EQ(walk.snapshot.queued.size(), 3u);
  walk.cause(machine::Resumed{{"ann", {}}, "done"});
  EXPECT_EQ(walk.state(), "b");
  EXPECT_NE(walk.text().find("results_too_large"), std::string::npos) << walk.text();
  EXPECT_NE(walk.text().find("succeeded while"), std::string::npos) << walk.text();
}

TEST(Kept, DelayedSendsCountAsWell) {
  MachineBuilder b;
  machine::Action large = send("tick", "duration('1h')");
  large.value = program("{'text': input.text}");
  b.state("a").on("a", "go", {.actions = {large}});
  Walk walk(b.build(), text_of(stepping::k_max_kept_bytes / 4));
  for (int i = 0; i < 3; ++i) walk.event("go");
  EXPECT_EQ(walk.snapshot.sends.size(), 3u);
  EXPECT_EQ(walk.snapshot.life, Life::running);
  walk.event("go");
  EXPECT_EQ(walk.snapshot.sends.size(), 3u);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "out_of_range");
}

}  // namespace
}  // namespace vozex::testing
