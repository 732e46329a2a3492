// SPDX-License-Identifier: Apache-2.0
#include "api/cli/catalog.h"

#include <algorithm>
#include <iostream>

#include "api/cli/catalog_files.h"
#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/one_argument.h"

namespace vozex::cli {
namespace {

using types::Value;

using Paths = std::shared_ptr<std::vector<std::string>>;

const char* path_of(const std::string& kind) {
  if (kind == "coupon") return "/v1/coupons";
  return kind == "tax" ? "/v1/taxes" : "/v1/products";
}

// The files, or nothing when they can't be read; `code` then says how to exit.
std::optional<CatalogFiles> read(const std::vector<std::string>& paths, int& code) {
  auto files = read_catalog(paths);
  if (!files) {
    say_error(files.error());
    code = k_not_found;
    return std::nullopt;
  }
  if (!files->diagnostics.empty()) {
    std::cout << render(files->diagnostics, *files);
    code = k_findings;
    return std::nullopt;
  }
  return *std::move(files);
}

std::vector<Value> documents_of(const CatalogFiles& files) {
  std::vector<Value> documents;
  documents.reserve(files.files.size());
  for (const CatalogFile& file : files.files) documents.push_back(file.document);
  return documents;
}

void print_complaints(const CatalogFiles& files, std::vector<Diagnostic> complaints) {
  sort_diagnostics(complaints);
  std::cout << render(complaints, files);
  say(counted(complaints.size(), "problem") + " in " + counted(files.files.size(), "file") +
      ", nothing was written");
}

// A problem of the server in terms of the files; true when it was one.
bool complain_about_files(const CatalogFiles& files, const Result<Reply>& reply) {
  if (!reply || reply->status < 400) return false;
  const Value errors = member(reply->body, "errors");
  if (!errors.is_list()) return false;
  std::vector<Diagnostic> complaints;
  for (const Value& error : errors.as_list()) {
    complaints.push_back(complaint(files,
                                   cell_text(member(reply->body, "code")),
                                   cell_text(member(error, "pointer")),
                                   cell_text(member(error, "detail"))));
  }
  print_complaints(files, std::move(complaints));
  return true;
}

int validate(const Program& program, const std::vector<std::string>& paths) {
  int code = k_ok;
  const auto files = read(paths, code);
  if (!files) return code;
  const auto checked = program.composition.check_catalog(documents_of(*files));
  if (checked) {
    say(counted(files->files.size(), "file") + ", no problem");
    return k_ok;
  }
  std::vector<Diagnostic> complaints;
  for (const ErrorDetail& detail : checked.error().details)
    complaints.push_back(complaint(*files, checked.error().code, detail.name, detail.text));
  print_complaints(*files, std::move(complaints));
  return k_findings;
}

std::string difference_text(const Value& difference) {
  const Value before = member(difference, "before");
  const Value after = member(difference, "after");
  const std::string pointer = cell_text(member(difference, "pointer"));
  if (before.is_null()) return "  + " + pointer + " " + cell_text(after);
  if (after.is_null()) return "  - " + pointer + " " + cell_text(before);
  return "  ~ " + pointer + " " + cell_text(before) + " -> " + cell_text(after);
}

// How many entries differ from what the server has.
std::size_t print_changes(const Value& items, Format format) {
  if (format != Format::table) {
    print_list(items, format, {});
  } else {
    print_list(items, format, {"change", "kind", "id", "revision"});
    for (const Value& item : items.as_list()) {
      const Value differences = member(item, "differences");
      if (!differences.is_list()) continue;
      std::cout << cell_text(member(item, "id")) << ":\n";
      for (const Value& one : differences.as_list()) std::cout << difference_text(one) << "\n";
    }
  }
  return static_cast<std::size_t>(
      std::count_if(items.as_list().begin(), items.as_list().end(), [](const Value& item) {
        return cell_text(member(item, "change")) != "unchanged";
      }));
}

struct Apply {
  bool dry_run = false;
  bool diff = false;  // a difference is a finding
  std::string reason = {};
};

int apply(const ClientSettings& settings, const std::vector<std::string>& paths, const Apply& how) {
  int code = k_ok;
  const auto files = read(paths, code);
  if (!files) return code;
  Value body = Value::object(
      {{"dry_run", Value::boolean(how.dry_run)}, {"documents", Value::list(documents_of(*files))}});
  if (!how.reason.empty()) body = body.with("reason", Value::string(how.reason));
  const auto reply = Client(settings).send("POST", "/v1/catalog", body);
  if (complain_about_files(*files, reply))
    return cell_text(member(reply->body, "code")) == "breaks_offers" ? k_refused : k_findings;
  if (const int failed = complain(reply); failed != k_ok) return failed;
  const std::size_t changes = print_changes(member(reply->body, "items"), settings.output());
  if (how.diff) return changes > 0 ? k_findings : k_ok;
  if (how.dry_run && changes > 0) say("next: vozex catalog apply " + paths.front());
  return k_ok;
}

int list(const ClientSettings& settings, const std::string& kind, const std::string& status) {
  const Client client(settings);
  Value::List items;
  std::string after;
  do {
    const auto reply =
        client.send("GET", path_of(kind) + query_of({{"after", after}, {"limit", "200"}}));
    if (const int code = complain(reply); code != 0) return code;
    for (const Value& item : member(reply->body, "items").as_list()) {
      if (status.empty() || cell_text(member(item, "status")) == status) items.push_back(item);
    }
    after = cell_text(member(reply->body, "next"));
  } while (!after.empty());
  if (kind == "product") {
    print_list(Value::list(std::move(items)),
               settings.output(),
               {"id", "title", "type", "category", "delivery_model", "status", "revision"});
  } else {
    print_list(
        Value::list(std::move(items)), settings.output(), {"id", "title", "status", "revision"});
  }
  return k_ok;
}

int show(const ClientSettings& settings, const std::string& kind, const std::string& id) {
  const auto reply =
      Client(settings).send("GET", std::string(path_of(kind)) + "/" + url_encode(id));
  return finish(reply, [&](const Value& body) { print_object(body, settings.output()); });
}

int test_connection(const ClientSettings& settings, const std::string& id) {
  const auto reply =
      Client(settings).send("POST", "/v1/products/" + url_encode(id) + "/test-connection");
  if (const int code = complain(reply); code != k_ok) return code;
  const Value connections = member(reply->body, "connections");
  print_list(connections, settings.output(), {"provider", "ok", "step", "detail"});
  if (connections.as_list().empty()) say("no provider of its own delivers " + id);
  const Value plans = member(reply->body, "plans");
  if (plans.is_list() && !plans.as_list().empty()) {
    print_list(plans,
               settings.output(),
               {"gateway", "plan", "cycle", "currency", "product_ref", "ok", "detail"});
  }
  return member(reply->body, "ok") == Value::boolean(true) ? k_ok : k_findings;
}

void print_lines(const Value& quote) {
  Value::List lines;
  for (const Value& item : member(quote, "items").as_list()) {
    for (const Value& line : member(item, "lines").as_list())
      lines.push_back(line.with("product", member(item, "product")));
  }
  print_list(
      Value::list(std::move(lines)), Format::table, {"product", "kind", "ref", "minor", "how"});
  print_object(member(quote, "totals"), Format::table);
}

int preview(const ClientSettings& settings, const std::string& request) {
  const auto body = json_argument(request);
  if (!body) {
    say_error(body.error());
    return k_usage;
  }
  const auto reply = Client(settings).send("POST", "/v1/quotes/preview", *body);
  if (const int code = complain(reply); code != k_ok) return code;
  if (settings.output() != Format::table) {
    print_object(reply->body, settings.output());
  } else {
    print_lines(member(reply->body, "quote"));
  }
  for (const Value& one : member(reply->body, "refusals").as_list()) {
    say(cell_text(member(one, "code")) + " " + cell_text(member(one, "pointer")) + ": " +
        cell_text(member(one, "detail")));
  }
  return member(reply->body, "ready") == Value::boolean(true) ? k_ok : k_findings;
}

void add_kind(CLI::App& command, const std::shared_ptr<std::string>& kind) {
  command.add_option("--kind", *kind, "product, coupon or tax")
      ->check(CLI::IsMember({"product", "coupon", "tax"}));
}

Paths add_paths(CLI::App& command) {
  auto paths = std::make_shared<std::vector<std::string>>();
  command.add_option("paths", *paths, "files and folders")->required();
  return paths;
}

void add_reading(CLI::App& group, Program& program) {
  CLI::App* ls = group.add_subcommand(
      "ls", "What is in the catalogue\n\n  vozex catalog ls --status active\n");
  auto settings = add_client_options(*ls);
  auto kind = std::make_shared<std::string>("product");
  add_kind(*ls, kind);
  auto status = std::make_shared<std::string>();
  ls->add_option("--status", *status, "draft, active or retired");
  ls->callback(
      [&program, settings, kind, status] { program.exit_code = list(*settings, *kind, *status); });

  auto show_kind = std::make_shared<std::string>("product");
  CLI::App* one = add_one_argument(
      group,
      program,
      "show",
      "One entry, with its document\n\n  vozex catalog show restaurant_pos -o json\n",
      "id",
      "of the product, coupon or tax",
      [show_kind](const ClientSettings& asked, const std::string& id) {
        return show(asked, *show_kind, id);
      });
  add_kind(*one, show_kind);
}

void add_trying(CLI::App& group, Program& program) {
  add_one_argument(
      group,
      program,
      "test-connection",
      "Whether the provider of a product answers us, and its gateways charge what its plans "
      "cost; changes nothing there\n\n  vozex "
      "catalog test-connection restaurant_pos\n",
      "id",
      "of the product",
      test_connection);
  add_one_argument(group,
                   program,
                   "preview",
                   "What a quote would cost, line by line, and all that a checkout would refuse; "
                   "keeps nothing\n\n  vozex catalog preview @quote.json\n",
                   "request",
                   "JSON, @file, or - for standard input",
                   preview);
}

}  // namespace

void add_catalog(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("catalog", "Products, coupons and taxes");
  group->require_subcommand(1);
  CLI::App* check = group->add_subcommand(
      "validate", "Check files, without a server\n\n  vozex catalog validate catalog\n");
  auto check_paths = add_paths(*check);
  check->callback([&program, check_paths] { program.exit_code = validate(program, *check_paths); });

  CLI::App* put = group->add_subcommand(
      "apply",
      "Bring the server's catalogue to what files say: all of them or, when one is refused, none. "
      "What no file names stays\n\n  vozex catalog apply catalog --dry-run\n");
  auto put_settings = add_client_options(*put);
  auto put_paths = add_paths(*put);
  auto dry_run = std::make_shared<bool>(false);
  put->add_flag("--dry-run", *dry_run, "only say what it would do");
  auto reason = std::make_shared<std::string>();
  put->add_option("--reason", *reason, "for the audit log");
  put->callback([&program, put_settings, put_paths, dry_run, reason] {
    program.exit_code = apply(*put_settings, *put_paths, {*dry_run, false, *reason});
  });

  CLI::App* diff = group->add_subcommand(
      "diff",
      "What apply would change; exit code 1 when there is something\n\n  vozex catalog diff "
      "catalog\n");
  auto diff_settings = add_client_options(*diff);
  auto diff_paths = add_paths(*diff);
  diff->callback([&program, diff_settings, diff_paths] {
    program.exit_code = apply(*diff_settings, *diff_paths, {true, true});
  });
  add_reading(*group, program);
  add_trying(*group, program);
}

}  // namespace vozex::cli
