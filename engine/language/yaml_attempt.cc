// SPDX-License-Identifier: Apache-2.0
#include "engine/language/yaml_attempt.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "engine/base/text.h"
#include "engine/language/collection_checks.h"
#include "engine/language/compile.h"
#include "engine/language/report.h"
#include "engine/language/yaml_reader.h"
#include "engine/language/yaml_recovery.h"

namespace vozex::language {
namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

struct LimitReached {
  std::size_t at;
  std::string message;
};

// Builds the tree from yaml-cpp's events and reports accidents that still parse.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source,
              std::string_view text,
              const std::set<std::size_t>& broken,
              Report& report)
      : source_(source), text_(text), broken_(broken), report_(report) {}

  std::size_t offset(const YAML::Mark& mark) const {
    const auto line = static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1;
    const bool skipped = line == 1 && text_.starts_with(k_byte_order_mark);
    const std::size_t at =
        source_.line_start(line) + static_cast<std::size_t>(std::max(mark.column, 0));
    return std::min(at + (skipped ? k_byte_order_mark.size() : 0), text_.size());
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    const std::size_t at = offset(mark);
    const bool separated = text_.substr(at).starts_with("---");
    const Span span = source_.span(at, at + (separated ? 3 : 1));
    if (separated) {
      report_.error(code::several_documents,
                    span,
                    "a second YAML document begins here",
                    "one file is one lifecycle: put it into a file of its own");
    } else {
      report_.error(code::malformed_yaml,
                    span,
                    "not valid YAML: this line doesn't belong to what stands above it",
                    "indent it like the keys it belongs to");
    }
    ignoring_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (ignoring_) return;
    Node node = node_at(mark);
    if (text_.substr(node.begin).starts_with("null")) node.end = node.begin + 4;
    if (text_.substr(node.begin).starts_with("~")) node.end = node.begin + 1;
    if (node.end > node.begin) {
      node.span = source_.span(node.begin, node.end);
      if (wants_key()) {
        node.kind = NodeKind::scalar;
        node.text = std::string(text_.substr(node.begin, node.end - node.begin));
      }
    } else if (!stack_.empty() && stack_.back().is_map() && !wants_key()) {
      const Node& key = stack_.back().keys.back();
      node.span = key.span;
      if (auto found = comment_instead_of_value(source_, key)) node.broken = say(*found);
    }
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    if (ignoring_) return;
    Node node = node_at(mark);
    node.broken = say(anchor_accident(source_, node.begin));
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string&,
                YAML::anchor_t,
                const std::string& value) override {
    if (ignoring_) return;
    Node node = node_at(mark);
    node.kind = NodeKind::scalar;
    node.text = value;
    find_end(node);
    check_properties(node);
    if (!node.broken && node.is_plain() && !wants_key() && !report_.is_full()) {
      if (auto found = comment_cut(source_, node)) node.broken = say(*found);
    }
    last_value_ = wants_key() ? std::nullopt : std::optional<std::size_t>(node.begin);
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string&,
                       YAML::anchor_t,
                       YAML::EmitterStyle::value style) override {
    open(mark, NodeKind::sequence, style == YAML::EmitterStyle::Flow);
  }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string&,
                  YAML::anchor_t,
                  YAML::EmitterStyle::value style) override {
    open(mark, NodeKind::map, style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override {
    if (!ignoring_) close();
  }
  void OnMapEnd() override {
    if (!ignoring_) close();
  }

  std::optional<Node> take_root() { return std::move(root_); }
  // Quotes that are never closed: YAML takes all that follows for their text.
  std::optional<Accident> open_quotes() const {
    if (!open_quotes_) return std::nullopt;
    return make_accident(source_,
                         code::malformed_yaml,
                         *open_quotes_,
                         *open_quotes_ + 1,
                         "the quotes opened here are never closed",
                         "close them where the value ends");
  }
  // A second document has begun, and with it the end of what is read.
  bool is_ignoring() const { return ignoring_; }

  ParseFailure failure(const YAML::Exception& exception) const {
    ParseFailure failed;
    failed.at = offset(exception.mark);
    failed.reason = exception.msg;
    failed.value = last_value_;
    for (const Node& node : stack_) {
      if (node.flow) failed.open_flow.push_back(node.begin);
    }
    return failed;
  }

 private:
  bool in_flow() const { return !stack_.empty() && stack_.back().flow; }

  bool wants_key() const {
    return !stack_.empty() && stack_.back().is_map() &&
           stack_.back().keys.size() == stack_.back().items.size();
  }

  bool say(const Accident& found) {
    report_.error(*found.code, found.span, found.message, found.hint);
    return true;
  }

  Node node_at(const YAML::Mark& mark) {
    Node node;
    node.begin = offset(mark);
    node.end = node.begin;
    node.span = source_.span(node.begin, node.begin);
    node.broken = broken_.contains(node.begin);
    if (++nodes_ > k_max_yaml_nodes) {
      throw LimitReached{node.begin,
                         "more than " + std::to_string(k_max_yaml_nodes) + " values in one file"};
    }
    return node;
  }

  // Tags and anchors stand where the node begins.
  void check_properties(Node& node) {
    const char first = node.begin < text_.size() ? text_[node.begin] : ' ';
    if ((first == '!' || first == '&') && report_.is_full()) {
      node.broken = true;
    } else if (first == '!') {
      node.tag = "!";
      node.broken = say(tag_accident(source_, node.begin, in_flow()));
    } else if (first == '&') {
      node.anchor = "&";
      node.broken = say(anchor_accident(source_, node.begin));
    }
  }

  void find_end(Node& node) {
    const char first = node.begin < text_.size() ? text_[node.begin] : ' ';
    if (first == '\'' || first == '"') {
      node.style = first == '"' ? ScalarStyle::double_quoted : ScalarStyle::single_quoted;
      find_quote_end(node, first);
    } else if (first == '|' || first == '>') {
      node.style = first == '|' ? ScalarStyle::literal : ScalarStyle::folded;
      node.end = node.begin + 1;
    } else if (first != '!' && first != '&') {
      find_plain_end(node);
    }
    node.span = source_.span(node.begin, node.end);
  }

  void find_quote_end(Node& node, char quote) {
    std::size_t at = node.begin + 1;
    for (; at < text_.size(); ++at) {
      if (quote == '"' && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == quote) {
        if (quote == '\'' && at + 1 < text_.size() && text_[at + 1] == quote) {
          ++at;
        } else {
          node.end = at + 1;
          return;
        }
      }
    }
    node.end = text_.size();
    node.broken = true;
    open_quotes_ = node.begin;
  }

  // Follows the decoded text through the written one: blanks and line breaks may have been folded.
  void find_plain_end(Node& node) {
    std::size_t at = node.begin;
    for (const char c : node.text) {
      if (c == ' ' || c == '\n' || c == '\t') {
        while (at < text_.size() &&
               (text_[at] == ' ' || text_[at] == '\n' || text_[at] == '\r' || text_[at] == '\t'))
          ++at;
      } else {
        while (at < text_.size() && text_[at] != c && (text_[at] == ' ' || text_[at] == '\t')) ++at;
        ++at;
      }
    }
    node.end = std::min(at, text_.size());
  }

  void open(const YAML::Mark& mark, NodeKind kind, bool flow) {
    if (ignoring_) return;
    Node node = node_at(mark);
    node.kind = kind;
    node.flow = flow;
    check_properties(node);
    node.span = source_.span(node.begin, node.begin + 1);
    if (stack_.size() >= k_max_yaml_depth) {
      throw LimitReached{node.begin,
                         "nested deeper than " + std::to_string(k_max_yaml_depth) + " levels"};
    }
    last_value_.reset();
    stack_.push_back(std::move(node));
  }

  void close() {
    Node node = std::move(stack_.back());
    stack_.pop_back();
    if (node.flow) mend_cut_calls(node, text_, report_);
    if (node.is_map()) check_keys(node, text_, report_);
    last_value_.reset();
    add(std::move(node));
  }

  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (wants_key()) {
      stack_.back().keys.push_back(std::move(node));
    } else {
      stack_.back().items.push_back(std::move(node));
    }
  }

  const SourceText& source_;
  std::string_view text_;
  const std::set<std::size_t>& broken_;
  Report& report_;
  std::vector<Node> stack_;
  std::optional<Node> root_;
  std::optional<std::size_t> last_value_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  bool ignoring_ = false;
  std::optional<std::size_t> open_quotes_;
};

}  // namespace

Attempt parse_once(const SourceText& source,
                   const std::string& text,
                   const std::set<std::size_t>& broken,
                   Report& report) {
  TreeBuilder builder(source, text, broken, report);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    // A stray bracket between documents is never consumed: yaml-cpp would give documents for ever.
    while (!builder.is_ignoring() && parser.HandleNextDocument(builder)) {
    }
    if (auto accident = builder.open_quotes()) return {std::nullopt, std::move(accident)};
    return {builder.take_root(), std::nullopt};
  } catch (const YAML::Exception& exception) {
    return {std::nullopt, diagnose(source, text, builder.failure(exception))};
  } catch (const LimitReached& limit) {
    report.error(code::too_large,
                 source.span(limit.at, limit.at),
                 limit.message,
                 "split the file: one file is one lifecycle");
    return {};
  }
}

}  // namespace vozex::language
