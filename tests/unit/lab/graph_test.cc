// SPDX-License-Identifier: Apache-2.0
//
// Drawings of the shipped workflows and of one with regions and history, as tests/golden/graph has
// them. VOZEX_UPDATE_GOLDEN=1 rewrites those: read the diff, and look at the drawing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/lab/graph/dot.h"
#include "engine/lab/graph/mermaid.h"
#include "engine/lab/graph/svg.h"
#include "engine/language/compile.h"
#include "engine/types/json.h"

namespace vozex::lab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path k_root = VOZEX_SOURCE_DIR;
const fs::path k_golden = k_root / "tests/golden/graph";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Graph graph_of_file(const std::string& workflow) {
  language::SourceSet set;
  for (const char* folder : {"workflows/commerce", "workflows/adapters", "tests/golden/graph"}) {
    for (const auto& entry : fs::directory_iterator(k_root / folder)) {
      const std::string name = entry.path().filename();
      if (name.ends_with(".yaml") && !name.ends_with(".test.yaml"))
        set.files.push_back({name, read(entry.path())});
    }
  }
  const auto compiled = language::compile(set);
  for (const auto& machine : compiled.machines) {
    if (machine->workflow == workflow) return graph_of(*machine);
  }
  ADD_FAILURE() << workflow << " did not compile\n" << language::render(compiled.diagnostics, set);
  return {};
}

void expect_golden(const std::string& name, const std::string& text) {
  const char* flag = std::getenv("VOZEX_UPDATE_GOLDEN");
  if (flag != nullptr && std::string(flag) == "1")
    std::ofstream(k_golden / name, std::ios::binary) << text;
  EXPECT_EQ(text, read(k_golden / name)) << "VOZEX_UPDATE_GOLDEN=1 accepts this";
}

class GoldenGraph : public testing::TestWithParam<const char*> {};

TEST_P(GoldenGraph, IsDrawnLikeThis) {
  const Graph graph = graph_of_file(GetParam());
  const std::string name = GetParam();
  expect_golden(name + ".mmd", to_mermaid(graph));
  expect_golden(name + ".dot", to_dot(graph));
  expect_golden(name + ".json", types::to_pretty_json(to_value(graph)) + "\n");
}

INSTANTIATE_TEST_SUITE_P(Graph, GoldenGraph, testing::Values("order", "payment", "visit"));

TEST(Graph, HasRegionsHistoryAndWhatStatesDoByThemselves) {
  const Graph graph = graph_of_file("visit");
  const auto node = [&](const std::string& id) {
    for (const GraphNode& one : graph.nodes) {
      if (one.id == id) return one;
    }
    return GraphNode{};
  };
  EXPECT_EQ(node("open").kind, NodeKind::parallel);
  EXPECT_EQ(node("open.talk").kind, NodeKind::region);
  EXPECT_EQ(node("open.again").kind, NodeKind::deep_history);
  EXPECT_EQ(node("open.talk.talking.last").kind, NodeKind::history);
  EXPECT_EQ(node("gone").outcome, "cancelled");
  EXPECT_EQ(node("resting").rows.size(), 4u);
}

TEST(Graph, OfManyStatesIsDrawnOnceEach) {
  std::string text =
      "vozex: 1\nworkflow: long_one\nversion: 1\nkey: input.id\ninput: {id: string}\nstates:\n";
  constexpr int k_states = 1000;
  for (int i = 0; i + 1 < k_states; ++i) {
    text += "  s" + std::to_string(i) + ": {after: {1h: s" + std::to_string(i + 1) + "}}\n";
  }
  text += "  s" + std::to_string(k_states - 1) + ": {type: final}\n";
  const auto compiled = language::compile({{{"long.yaml", text}}});
  ASSERT_EQ(compiled.machines.size(), 1u);
  const Graph graph = graph_of(*compiled.machines.front());
  EXPECT_EQ(graph.edges.size(), k_states - 1u);
  const std::string mermaid = to_mermaid(graph);
  EXPECT_EQ(std::count(mermaid.begin(), mermaid.end(), '\n'), 4 + k_states + k_states + 1);
  EXPECT_EQ(drawn_elements(graph).size(), 2u * (k_states + 1) + k_states + k_states - 1u);
}

TEST(Graph, LabelsCantBreakOutOfMermaid) {
  Graph graph = graph_of_file("visit");
  graph.edges.front().guard = "a; b: \"c\" --> d\n<script>%%{init}%%";
  const std::string text = to_mermaid(graph);
  EXPECT_THAT(text, HasSubstr("a#59; b#58; #34;c#34; --#62; d #60;script#62;"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
}

TEST(Graph, LongTextIsCutAtBlanks) {
  EXPECT_EQ(wrapped("one two three", 8, 3), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three four", 8, 1), (std::vector<std::string>{"one two…"}));
  EXPECT_EQ(wrapped("äöüäöüäöü", 4, 3), (std::vector<std::string>{"äöüä", "öüäö", "ü"}));
  EXPECT_TRUE(wrapped("", 4, 3).empty());
}

constexpr const char* k_drawn = R"(<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "x" "y">
<svg width="10pt" height="20pt" viewBox="0 0 10 20" xmlns="http://www.w3.org/2000/svg">
<g id="graph0" class="graph"><title>visit</title>
<g id="n1" class="cluster parallel"><title>cluster 1</title></g>
<g id="e0" class="edge event"><title>from 0&#45;&gt;gone</title></g>
</g>
</svg>
)";

TEST(Graph, ASvgSaysInWordsWhatItDraws) {
  const std::string svg = finished_svg(k_drawn, graph_of_file("visit"));
  EXPECT_THAT(svg, HasSubstr("<svg class=\"vozex\" role=\"img\" width=\"10pt\""));
  EXPECT_THAT(svg,
              HasSubstr("<title>A visit: &quot;both&quot; &lt;halves&gt; at once; &amp; more"));
  EXPECT_THAT(svg, HasSubstr("<desc>A state machine of 15 states and 11 transitions.</desc>"));
  EXPECT_THAT(svg, HasSubstr("<title>Under way, parallel</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>anywhere to gone: on leave</title>"));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(svg, Not(HasSubstr("DOCTYPE")));
  EXPECT_EQ(finished_svg("no drawing", graph_of_file("visit")), "");
}

}  // namespace
}  // namespace vozex::lab
