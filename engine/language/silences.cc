// SPDX-License-Identifier: Apache-2.0
#include "engine/language/silences.h"

#include <algorithm>

namespace vozex::language {
namespace {

std::vector<std::string> warning_codes() {
  std::vector<std::string> ids;
  for (const Code& code : all_codes()) {
    if (code.id.starts_with("VZ06")) ids.emplace_back(code.id);
  }
  return ids;
}

void apply_silence(const Node& key, const Node& reason, Report& report) {
  const std::vector<std::string> known = warning_codes();
  if (std::find(known.begin(), known.end(), key.text) == known.end()) {
    const bool error = key.text.starts_with("VZ");
    report.error(code::bad_silence,
                 key.span,
                 "`" + key.text + "` is no warning" + (error ? ": errors can't be silenced" : ""),
                 "the codes of warnings begin with VZ06: docs/language.md lists them");
    return;
  }
  if (!reason.is_scalar() || reason.text.empty()) {
    report.error(code::bad_silence,
                 key.span,
                 "a silenced warning needs a reason",
                 "write why it is right here: `" + key.text + ": the shop never sends it twice`");
    return;
  }
  auto& all = report.diagnostics();
  const auto removed = std::remove_if(all.begin(), all.end(), [&](const Diagnostic& found) {
    return found.severity == Severity::warning && found.code == key.text;
  });
  const bool any = removed != all.end();
  all.erase(removed, all.end());
  if (!any && !has_errors(report.diagnostics())) {
    report.warning(code::unused_silence,
                   key.span,
                   "`" + key.text + "` doesn't occur in this file",
                   "remove the line");
  }
}

}  // namespace

void apply_silences(const Node* section, Report& report) {
  if (section == nullptr || section->broken || !section->is_map()) return;
  for (std::size_t i = 0; i < section->keys.size(); ++i) {
    if (!section->items[i].broken) apply_silence(section->keys[i], section->items[i], report);
  }
}

}  // namespace vozex::language
