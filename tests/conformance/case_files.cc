// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/case_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace vozex::conformance {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// More than any published suite; a file from outside is not read beyond it.
constexpr std::uintmax_t k_max_file_bytes = 64u << 20;

std::string id_of(const json& test_case, const std::string& path, std::size_t position) {
  const auto id = test_case.find("id");
  if (id != test_case.end() && id->is_string()) return id->get<std::string>();
  return path + " case " + std::to_string(position + 1);
}

void run_one(const json& test_case,
             const std::string& where,
             const CaseKind& kind,
             Report& report) {
  if (!test_case.is_object() || !test_case.contains(kind.member)) {
    report.fail(where,
                std::string("malformed case: expected an object with `") + kind.member + "`, got " +
                    test_case.dump().substr(0, 60));
    return;
  }
  try {
    kind.run(test_case, report);
  } catch (const json::exception& error) {
    report.fail(where, std::string("malformed case: ") + error.what());
  } catch (const std::exception& error) {
    report.fail(where, std::string("unreadable case: ") + error.what());
  }
}

bool has_cases(const json& document) {
  const auto cases = document.find("cases");
  return cases != document.end() && cases->is_array();
}

bool is_of_kind(const json& document, const CaseKind& kind) {
  if (!document.is_object() || !has_cases(document)) return false;
  const json& cases = document.at("cases");
  return std::any_of(cases.begin(), cases.end(), [&](const json& test_case) {
    return test_case.is_object() && test_case.contains(kind.member);
  });
}

void run_document(const json& document,
                  const std::string& path,
                  const CaseKind& kind,
                  Report& report) {
  if (!document.is_object() || !has_cases(document)) {
    report.fail(path, "not a file of cases: expected an object with the list `cases`");
    return;
  }
  const json& cases = document.at("cases");
  for (std::size_t i = 0; i < cases.size(); ++i)
    run_one(cases[i], id_of(cases[i], path, i), kind, report);
}

void run_folder(const fs::path& folder, const CaseKind& kind, Report& report) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator entries(folder, failure), end; !failure && entries != end;
       entries.increment(failure)) {
    if (entries->path().extension() == ".json") files.push_back(entries->path());
  }
  std::sort(files.begin(), files.end());
  bool any = false;
  for (const fs::path& file : files) {
    const json document = read_json_file(file.string(), report);
    if (document.is_discarded() || !is_of_kind(document, kind)) continue;
    any = true;
    run_document(document, file.string(), kind, report);
  }
  if (!any) {
    report.fail(folder.string(),
                std::string("expected a folder with a file of ") + kind.name + " cases, got none");
  }
}

}  // namespace

json read_json_file(const std::string& path, Report& report) {
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(path, failure);
  std::ifstream file(path, std::ios::binary);
  if (failure || !file) {
    report.fail(path, "can't be read: expected a file or a folder there");
    return json(json::value_t::discarded);
  }
  if (size > k_max_file_bytes) {
    report.fail(path,
                "has " + std::to_string(size) + " bytes; at most " +
                    std::to_string(k_max_file_bytes) + " are read");
    return json(json::value_t::discarded);
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    report.fail(path, std::string("not JSON: ") + error.what());
    return json(json::value_t::discarded);
  }
}

void run_cases(const std::string& file_or_folder, const CaseKind& kind, Report& report) {
  std::error_code failure;
  if (fs::is_directory(file_or_folder, failure)) {
    run_folder(file_or_folder, kind, report);
    return;
  }
  const json document = read_json_file(file_or_folder, report);
  if (!document.is_discarded()) run_document(document, file_or_folder, kind, report);
}

}  // namespace vozex::conformance
