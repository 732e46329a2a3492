// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/graph/svg.h"

#include <map>

#include "engine/lab/graph/dot.h"
#include "engine/lab/words.h"

namespace vozex::lab {
namespace {

constexpr const char* k_style = R"(<style>
svg.vozex{--page:#ffffff;--text:#1f2937;--muted:#64748b;--accent:#4338ca;--line:#64748b;--state:#f8fafc;--border:#94a3b8;--group:#e2e8f0;--good:#15803d;--bad:#b91c1c;max-width:100%;height:auto;background:var(--page)}
@media (prefers-color-scheme:dark){svg.vozex{--page:#0f172a;--text:#e5e7eb;--muted:#94a3b8;--accent:#a5b4fc;--line:#94a3b8;--state:#1e293b;--border:#64748b;--group:#334155;--good:#4ade80;--bad:#f87171}}
svg.vozex text{font-family:Inter,"Helvetica Neue",Helvetica,Arial,sans-serif;fill:var(--text)}
svg.vozex text[fill="#6b7280"]{fill:var(--muted)}
svg.vozex text[fill="#4338ca"]{fill:var(--accent)}
svg.vozex .node path:not([fill="none"]),svg.vozex .node ellipse{fill:var(--state)}
svg.vozex .node path,svg.vozex .node ellipse{stroke:var(--border)}
svg.vozex .start ellipse{fill:var(--line);stroke:var(--line)}
svg.vozex .anchor path{fill:none}
svg.vozex .cluster path,svg.vozex .cluster polygon{fill:var(--group);fill-opacity:.3;stroke:var(--border)}
svg.vozex .final path{stroke-width:1.4}
svg.vozex .completed path{stroke:var(--good)}
svg.vozex .node.failed path{stroke:var(--bad)}
svg.vozex .edge path{stroke:var(--line)}
svg.vozex .edge polygon{fill:var(--line);stroke:var(--line)}
svg.vozex .edge.after path,svg.vozex .edge.every path{stroke-dasharray:6 3}
svg.vozex .edge.failed path{stroke:var(--bad)}
svg.vozex .edge.failed polygon{fill:var(--bad);stroke:var(--bad)}
svg.vozex .edge text{paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
svg.vozex .edge:hover path,svg.vozex .node:hover path{stroke-width:2.2}
</style>
)";

// The words for each `<g id="...">` of ours, by that id; the whole is "graph0".
std::map<std::string, std::string, std::less<>> words_by_id(const Graph& graph) {
  std::map<std::string, std::string, std::less<>> words;
  for (const DrawnElement& one : drawn_elements(graph)) words.emplace(one.id, one.words);
  words.emplace("graph0", caption_of(graph));
  return words;
}

// dot's titles are its own names of things; a browser shows and reads them.
std::string with_words(std::string_view drawn, const Graph& graph) {
  static constexpr std::string_view k_group = "<g id=\"";
  static constexpr std::string_view k_title = "<title>";
  const auto words = words_by_id(graph);
  std::string out;
  while (true) {
    const std::size_t group = drawn.find(k_group);
    if (group == std::string_view::npos) return out.append(drawn);
    const std::size_t id = group + k_group.size();
    const std::size_t id_end = drawn.find('"', id);
    const std::size_t title = drawn.find(k_title, id);
    const std::size_t title_end =
        drawn.find("</title>", title == std::string_view::npos ? id : title);
    if (id_end == std::string_view::npos || title_end == std::string_view::npos)
      return out.append(drawn);
    const auto found = words.find(drawn.substr(id, id_end - id));
    out.append(drawn.substr(0, title + k_title.size()));
    out.append(found != words.end()
                   ? xml_text(found->second)
                   : std::string(
                         drawn.substr(title + k_title.size(), title_end - title - k_title.size())));
    drawn.remove_prefix(title_end);
  }
}

std::string description_of(const Graph& graph) {
  return "A state machine of " + std::to_string(graph.nodes.size() - 1) + " states and " +
         std::to_string(graph.edges.size()) + " transitions.";
}

}  // namespace

std::string finished_svg(std::string_view drawn, const Graph& graph) {
  const std::size_t begin = drawn.find("<svg ");
  const std::size_t inside = begin == std::string_view::npos ? begin : drawn.find('>', begin);
  if (inside == std::string_view::npos) return "";
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg class=\"vozex\" role=\"img\" ";
  out.append(drawn.substr(begin + 5, inside + 1 - begin - 5)).append("\n");
  out += "<title>" + xml_text(caption_of(graph)) + "</title>\n";
  out += "<desc>" + xml_text(description_of(graph)) + "</desc>\n";
  out += k_style;
  return out + with_words(drawn.substr(inside + 1), graph);
}

}  // namespace vozex::lab
