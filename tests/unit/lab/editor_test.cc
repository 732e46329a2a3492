// SPDX-License-Identifier: Apache-2.0
// What an editor is told about a place in a file, also while the file is being typed. In the texts
// `|` is the cursor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "engine/lab/editor/answers.h"

namespace vozex::lab::editor {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// --- where the cursor is -------------------------------------------------------------------------

std::string place_of(std::string text) {
  const std::size_t at = text.find('|');
  text.erase(at, 1);
  const Cursor cursor = cursor_at(text, at);
  if (cursor.nowhere) return "nowhere";
  return path_text(cursor.path) +
         (cursor.at_key ? cursor.lone ? " key or text" : " key" : " text") + " <" +
         text.substr(cursor.begin, cursor.end - cursor.begin) + ">";
}

TEST(EditorCursor, KnowsKeysAndValuesOfBlocks) {
  EXPECT_EQ(place_of("wor|kflow: a\n"), " key <workflow>");
  EXPECT_EQ(place_of("a: 1\nb: fo|o bar # c\n"), "b text <foo bar>");
  EXPECT_EQ(place_of("a:\n  b:\n    c: |x\n"), "a.b.c text <x>");
  EXPECT_EQ(place_of("a:\n  b: \"x |y\"\n"), "a.b text <x y>");
  EXPECT_EQ(place_of("a:\n  - b: 1\n    c: |2\n"), "a[0].c text <2>");
  EXPECT_EQ(place_of("a:\n- b\n- c|\n"), "a[1] key or text <c>");
  EXPECT_EQ(place_of("a:\n  - b: 1\n  - c: 1\nd: |\n"), "d text <>");
}

TEST(EditorCursor, KnowsFlowStyle) {
  EXPECT_EQ(place_of("a: {b: 1, c|: 2}\n"), "a key <c>");
  EXPECT_EQ(place_of("a: {b: 1, c: |2}\n"), "a.c text <2>");
  EXPECT_EQ(place_of("a: [x, {b: {c: |}}]\n"), "a[1].b.c text <>");
  EXPECT_EQ(place_of("a: {b: [1, |]\n"), "a.b[1] text <>");
  EXPECT_EQ(place_of("a: {b: 1,\n    |c: 2}\n"), "a key <c>");
  EXPECT_EQ(place_of("- {a: 1}\n- {b: |x}\n"), "[1].b text <x>");
  EXPECT_EQ(place_of("a: {b: 1}\nc: |d\n"), "c text <d>");
}

TEST(EditorCursor, KnowsWhereSomethingIsGoingToStand) {
  EXPECT_EQ(place_of("a:\n  b: 1\n  |\n"), "a key <>");
  EXPECT_EQ(place_of("a:\n  b: 1\n|\n"), " key <>");
  EXPECT_EQ(place_of("a:\n  b:\n    |\nc: 1\n"), "a.b key or text <>");
  EXPECT_EQ(place_of("a:\n  b:\n    x|\nc: 1\n"), "a.b key or text <x>");
  EXPECT_EQ(place_of("a:\n  - |\n"), "a[0] key or text <>");
  EXPECT_EQ(place_of("a:\n  b: 1\n  c|\n"), "a key <c>");
  EXPECT_EQ(place_of("|"), " key or text <>");
}

TEST(EditorCursor, LeavesCommentsAlone) {
  EXPECT_EQ(place_of("a: 1 # c|\n"), "nowhere");
  EXPECT_EQ(place_of("# a|: 1\n"), "nowhere");
}

TEST(EditorCursor, KnowsTextsOfSeveralLines) {
  EXPECT_EQ(place_of("a:\n  b: >-\n    x: |y\n    z\n  c: 1\n"), "a.b text <x: y>");
  EXPECT_EQ(place_of("a:\n  b: >-\n    x: y\n  c: |1\n"), "a.c text <1>");
}

RC_GTEST_PROP(EditorCursor, NeverFails, (const std::vector<std::size_t>& picks, std::size_t at)) {
  static constexpr std::string_view k_pieces[] = {
      "a",  ": ", ":", "\n", "\n  ", "\n    ", "- ", "{",  "}", "[",  "]",
      ", ", "\"", "'", "#",  " # ",  "|",      ">",  "\t", "ö", "${", "---\n"};
  std::string text;
  for (const std::size_t pick : picks) text += k_pieces[pick % std::size(k_pieces)];
  const Cursor cursor = cursor_at(text, at % (text.size() + 2));
  RC_ASSERT(cursor.begin <= text.size());
  RC_ASSERT(cursor.end <= text.size());
}

// --- a shop
// ----------------------------------------------------------------------------------------

constexpr const char* k_types = R"(vozex: 1
types_of: shop
types:
  line: {sku: string, price: money}
events:
  order.paid: {order_id: string, amount: money}
policies:
  patient: {attempts: 5}
)";

constexpr const char* k_mail = R"(vozex: 1
adapter: mail
operations:
  send: {doc: Sends a letter, input: {to: string, text: string}, output: {letter_id: string}}
)";

constexpr const char* k_order = R"yaml(vozex: 1
workflow: order
version: 1
import: [shop]
key: input.order_id
input: {order_id: string, lines: list<line>}
status: {open: Open, paid: Paid}
data:
  note: optional<string>
  total: {type: int, default: 0, doc: in minor units}
events:
  order.paid: {match: event.data.order_id}
  order.cancel: {match: event.data.order_id, data: {order_id: string}}
initial: waiting
states:
  waiting:
    title: Waits for money
    status: open
    on:
      order.paid: {when: event.data.amount.minor > data.total, target: packing}
      order.cancel: closed
    after: {30m: closed}
  packing:
    initial: picking
    states:
      picking:
        invoke:
          call: mail.send
          with: {to: "${input.order_id}", text: hello}
          retry: patient
          on_done: {target: sent, set: {note: "${result.letter_id}"}}
          on_error: closed
      sent:
        on: {order.cancel: {when: "in_state('packing.sent')", target: waiting}}
        always: {when: in_state('waiting'), target: packing}
  closed: {type: final}
)yaml";

constexpr const char* k_test = R"(workflow: order
scenarios:
  - name: paid
    start: {order_id: o1, lines: []}
    mocks:
      mail.send: [{return: {letter_id: l1}}]
    steps:
      - expect: {state: waiting}
      - event: {order.paid: {order_id: o1, amount: {minor: 5, currency: EUR}}, id: e1}
      - expect: {state: packing.sent}
)";

// The shop with `order` in place of its workflow; the cursor is taken out of whichever file has
// one.
struct Shop {
  explicit Shop(std::string order = k_order, std::string test = k_test) {
    std::vector<machine::SourceFile> files{{"shop.types.yaml", k_types},
                                           {"mail.yaml", k_mail},
                                           {"order.yaml", order},
                                           {"order.test.yaml", test}};
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::size_t at = files[i].text.find('|');
      if (at == std::string::npos) continue;
      files[i].text.erase(at, 1);
      file = i;
      offset = at;
    }
    book.emplace(files);
  }

  std::vector<std::string> offered() const {
    std::vector<std::string> labels;
    for (const Item& item : complete(*book, file, offset).items) labels.push_back(item.label);
    return labels;
  }
  std::string told() const {
    const auto found = hover(*book, file, offset);
    return found ? found->text : "nothing";
  }
  // "order.yaml:16 waiting"
  std::string leads_to() const {
    const auto found = definition(*book, file, offset);
    if (!found) return "nowhere";
    const File& target = book->files()[found->file];
    const auto line = std::count(target.text.begin(),
                                 target.text.begin() + static_cast<std::ptrdiff_t>(found->begin),
                                 '\n') +
                      1;
    return target.name + ":" + std::to_string(line) + " " +
           target.text.substr(found->begin, found->end - found->begin);
  }

  std::optional<Book> book;
  std::size_t file = 2;
  std::size_t offset = 0;
};

// The order with one piece of its text replaced; the cursor is in `to`.
std::string order_with(const std::string& from, const std::string& to) {
  std::string text = k_order;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string errors_of(const Book& book) {
  std::string errors;
  for (const Diagnostic& one : book.diagnostics()) {
    if (one.severity == Severity::error)
      errors += one.file + ":" + std::to_string(one.span.line) + " " + one.message + "\n";
  }
  return errors;
}

TEST(EditorBook, TheShopHasNoMistakes) { EXPECT_EQ(errors_of(*Shop().book), ""); }

TEST(EditorCompletion, OffersKeysThatAreNotThereYet) {
  const Shop shop(
      order_with("    title: Waits for money\n", "    title: Waits for money\n    |\n"));
  EXPECT_THAT(shop.offered(),
              AllOf(Contains("on_entry"),
                    Contains("invoke"),
                    Not(Contains("title")),
                    Not(Contains("workflow"))));
  const Shop top(order_with("initial: waiting\n", "initial: waiting\ninv|\n"));
  EXPECT_THAT(top.offered(), AllOf(Contains("invariants"), Not(Contains("states"))));
  const Shop inside(order_with("target: packing}", "target: packing, |}"));
  EXPECT_THAT(inside.offered(), AllOf(Contains("set"), Contains("do"), Not(Contains("when"))));
}

TEST(EditorCompletion, OffersStatesByTheShortestNameThatMeansThem) {
  EXPECT_THAT(Shop(order_with("on_error: closed", "on_error: |")).offered(),
              AllOf(Contains("closed"),
                    Contains("sent"),
                    Contains("waiting"),
                    Not(Contains("packing.sent"))));
  EXPECT_THAT(Shop(order_with("after: {30m: closed}", "after: {30m: |}")).offered(),
              AllOf(Contains("packing"), Contains("packing.sent")));
  EXPECT_THAT(Shop(order_with("    initial: picking", "    initial: |")).offered(),
              AllOf(Contains("picking"), Contains("sent"), Not(Contains("waiting"))));
  EXPECT_THAT(Shop(order_with("in_state('waiting')", "in_state('|')")).offered(),
              Contains("packing.sent"));
}

TEST(EditorCompletion, OffersWhatOtherFilesDeclare) {
  EXPECT_THAT(Shop(order_with("call: mail.send", "call: |")).offered(), Contains("mail.send"));
  EXPECT_THAT(Shop(order_with("retry: patient", "retry: |")).offered(), Contains("patient"));
  EXPECT_THAT(Shop(order_with("import: [shop]", "import: [|]")).offered(), Contains("shop"));
  EXPECT_THAT(Shop(order_with("list<line>", "list<|>")).offered(),
              AllOf(Contains("line"), Contains("string")));
  EXPECT_THAT(Shop(order_with("      order.cancel: closed", "      |")).offered(),
              AllOf(Contains("order.cancel"), Not(Contains("invoke"))));
  EXPECT_THAT(Shop(order_with("with: {to: \"${input.order_id}\", text: hello}", "with: {to: x, |}"))
                  .offered(),
              AllOf(Contains("text"), Not(Contains("to"))));
  EXPECT_THAT(Shop(order_with("    status: open", "    status: |")).offered(),
              AllOf(Contains("open"), Contains("paid")));
}

TEST(EditorCompletion, OffersMembersOfExpressions) {
  EXPECT_THAT(Shop(order_with("event.data.amount.minor >", "event.data.| >")).offered(),
              AllOf(Contains("order_id"), Contains("amount")));
  EXPECT_THAT(Shop(order_with("event.data.amount.minor >", "event.data.amount.mi| >")).offered(),
              AllOf(Contains("minor"), Contains("currency")));
  EXPECT_THAT(Shop(order_with("event.data.amount.minor >", "da| >")).offered(),
              AllOf(Contains("data"),
                    Contains("input"),
                    Contains("event"),
                    Contains("in_state"),
                    Not(Contains("result"))));
  EXPECT_THAT(Shop(order_with("${result.letter_id}", "${result.|}")).offered(),
              Contains("letter_id"));
  EXPECT_THAT(Shop(order_with("${input.order_id}", "${input.lines.|}")).offered(),
              AllOf(Contains("size"), Contains("filter")));
  EXPECT_THAT(Shop(order_with("${input.order_id}", "${input.lines[0].|}")).offered(),
              AllOf(Contains("sku"), Contains("price")));
  EXPECT_THAT(Shop(order_with("text: hello", "text: \"no template |\"")).offered(),
              Not(Contains("data")));
}

TEST(EditorCompletion, WorksInTestFiles) {
  std::string test = k_test;
  test.replace(test.find("state: packing.sent"), 19, "state: |");
  EXPECT_THAT(Shop(k_order, test).offered(), AllOf(Contains("packing.sent"), Contains("waiting")));
  test = k_test;
  test.replace(test.find("- expect: {state: waiting}"), 26, "- |");
  EXPECT_THAT(Shop(k_order, test).offered(), AllOf(Contains("advance"), Contains("event")));
}

TEST(EditorCompletion, WorksInFilesThatDontParse) {
  const Shop shop(
      order_with("    after: {30m: closed}\n", "    after: {30m: closed}\n    nonsense\n")
          .replace(0, 0, "") +
      "  late:\n    on: {order.paid: |\n");
  EXPECT_THAT(shop.offered(), AllOf(Contains("waiting"), Contains("closed")));
}

TEST(EditorHover, TellsTypesAndSentences) {
  EXPECT_THAT(Shop(order_with("    after: {30m", "    aft|er: {30m")).told(),
              HasSubstr("Timers from the entry"));
  EXPECT_THAT(Shop(order_with("event.data.amount.minor >", "event.data.am|ount.minor >")).told(),
              HasSubstr("event.data.amount: money"));
  EXPECT_THAT(Shop(order_with("> data.total", "> data.to|tal")).told(),
              HasSubstr("data.total: int"));
  EXPECT_THAT(Shop(order_with("call: mail.send", "call: mail.se|nd")).told(),
              AllOf(HasSubstr("letter_id"), HasSubstr("Sends a letter")));
  EXPECT_THAT(Shop(order_with("target: waiting", "target: wai|ting")).told(),
              AllOf(HasSubstr("state waiting"), HasSubstr("Waits for money")));
  EXPECT_THAT(Shop(order_with("      order.paid: {when", "      order.pa|id: {when")).told(),
              HasSubstr("event order.paid"));
  EXPECT_EQ(Shop(order_with("text: hello", "text: he|llo")).told(), "nothing");
}

TEST(EditorDefinition, LeadsAcrossFiles) {
  EXPECT_EQ(Shop(order_with("call: mail.send", "call: mail.se|nd")).leads_to(), "mail.yaml:4 send");
  EXPECT_EQ(Shop(order_with("on_error: closed", "on_error: clo|sed")).leads_to(),
            "order.yaml:36 closed");
  EXPECT_EQ(Shop(order_with("retry: patient", "retry: pat|ient")).leads_to(),
            "shop.types.yaml:8 patient");
  EXPECT_EQ(Shop(order_with("import: [shop]", "import: [sh|op]")).leads_to(),
            "shop.types.yaml:2 shop");
  EXPECT_EQ(Shop(order_with("> data.total", "> data.to|tal")).leads_to(), "order.yaml:10 total");
  EXPECT_EQ(Shop(order_with("set: {note:", "set: {no|te:")).leads_to(), "order.yaml:9 note");
  EXPECT_EQ(Shop(order_with("in_state('packing.sent')", "in_state('packing.se|nt')")).leads_to(),
            "order.yaml:33 sent");
  std::string test = k_test;
  test.replace(test.find("packing.sent"), 12, "packing.se|nt");
  EXPECT_EQ(Shop(k_order, test).leads_to(), "order.yaml:33 sent");
}

std::string renamed(const Shop& shop, std::size_t file, const std::string& name) {
  const auto edits = rename(*shop.book, shop.file, shop.offset, name);
  if (!edits) return edits.error().code;
  std::string text = shop.book->files()[file].text;
  std::vector<Edit> own;
  for (const Edit& edit : *edits) {
    if (edit.place.file == file) own.push_back(edit);
  }
  std::sort(own.begin(), own.end(), [](const Edit& a, const Edit& b) {
    return a.place.begin > b.place.begin;
  });
  for (const Edit& edit : own)
    text.replace(edit.place.begin, edit.place.end - edit.place.begin, edit.text);
  return text;
}

std::string replaced(std::string text,
                     const std::vector<std::pair<std::string, std::string>>& pairs) {
  for (const auto& [from, to] : pairs) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  }
  return text;
}

TEST(EditorRename, ChangesEveryPlaceOfAState) {
  const Shop shop(order_with("target: waiting", "target: wai|ting"));
  EXPECT_EQ(renamed(shop, 2, "unpaid"),
            replaced(k_order,
                     {{"  waiting:", "  unpaid:"},
                      {"initial: waiting", "initial: unpaid"},
                      {"target: waiting", "target: unpaid"},
                      {"('waiting')", "('unpaid')"}}));
  EXPECT_EQ(renamed(shop, 3, "unpaid"), replaced(k_test, {{"state: waiting", "state: unpaid"}}));
}

TEST(EditorRename, ChangesPathsThatLeadThroughIt) {
  const Shop shop(order_with("  packing:\n", "  pack|ing:\n"));
  EXPECT_EQ(renamed(shop, 2, "boxing"),
            replaced(k_order,
                     {{"  packing:", "  boxing:"},
                      {"target: packing", "target: boxing"},
                      {"'packing.sent'", "'boxing.sent'"}}));
  EXPECT_EQ(renamed(shop, 3, "boxing"), replaced(k_test, {{"packing.sent", "boxing.sent"}}));
}

TEST(EditorRename, RefusesBadNames) {
  const Shop shop(order_with("target: waiting", "target: wai|ting"));
  EXPECT_EQ(renamed(shop, 2, "9lives"), "bad_name");
  EXPECT_EQ(renamed(shop, 2, "two words"), "bad_name");
  EXPECT_EQ(renamed(shop, 2, "closed"), "name_taken");
  EXPECT_EQ(renamed(Shop(order_with("text: hello", "text: he|llo")), 2, "x"), "not_renamable");
}

TEST(EditorRename, TheResultCompiles) {
  const Shop shop(order_with("  packing:\n", "  pack|ing:\n"));
  const Book after({{"shop.types.yaml", k_types},
                    {"mail.yaml", k_mail},
                    {"order.yaml", renamed(shop, 2, "boxing")},
                    {"order.test.yaml", renamed(shop, 3, "boxing")}});
  EXPECT_EQ(errors_of(after), "");
}

// Whatever stands in a file and wherever the cursor is, it answers.
RC_GTEST_PROP(EditorAnswers, NeverFail, (std::size_t at, std::size_t cut)) {
  std::string text = k_order;
  text.erase(cut % text.size(), at % 50);
  const Book book({{"shop.types.yaml", k_types}, {"mail.yaml", k_mail}, {"order.yaml", text}});
  for (std::size_t offset = at % 7; offset < text.size(); offset += 29) {
    complete(book, 2, offset);
    hover(book, 2, offset);
    definition(book, 2, offset);
    RC_ASSERT(rename(book, 2, offset, "fresh").has_value() ==
              renamable(book, 2, offset).has_value());
  }
}

}  // namespace
}  // namespace vozex::lab::editor
