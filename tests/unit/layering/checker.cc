// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/layering/checker.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/unit/layering/source_text.h"
#include "tests/unit/layering/table.h"

namespace vozex::layering {
namespace {

constexpr std::string_view k_licence = "// SPDX-License-Identifier: Apache-2.0";
constexpr std::array<std::string_view, 5> k_source_roots = {
    "engine", "adapters", "api", "tests", "examples"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out.append(part);
  return out;
}

// True for the file or folder itself and for everything below it.
bool below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool below_any(std::string_view path, const std::vector<std::string_view>& folders) {
  return std::any_of(folders.begin(), folders.end(), [path](auto f) { return below(path, f); });
}

// "engine/step" of engine/step/deep/x.h; "api" of api/main.cc.
std::string_view folder_of(std::string_view path) {
  const std::size_t first = path.find('/');
  const std::size_t second = first == std::string_view::npos ? first : path.find('/', first + 1);
  return path.substr(0, second == std::string_view::npos ? first : second);
}

bool is_header(std::string_view path) { return path.ends_with(".h"); }

bool is_internal_header(std::string_view path) {
  return path.ends_with("_internal.h") || path.find("/internal/") != std::string_view::npos;
}

bool is_driver(std::string_view path) {
  return path.ends_with("_driver.cc") || path.ends_with("_driver.h") ||
         path.ends_with("_thread.cc");
}

bool is_composition(std::string_view path) { return folder_of(path) == "api"; }

bool is_of_the_project(std::string_view include) {
  return std::any_of(k_source_roots.begin(), k_source_roots.end(), [include](auto root) {
    return include.size() > root.size() && below(include, root);
  });
}

bool is_public_adapter_header(std::string_view include) {
  const auto& headers = public_adapter_headers();
  return std::find(headers.begin(), headers.end(), include) != headers.end();
}

// What a file calls its own: its folder, or the room of it that has a rule.
std::string_view home_of(std::string_view path, const FolderRule& rule) {
  const std::string_view folder = folder_of(path);
  return rule.folder.size() > folder.size() ? rule.folder : folder;
}

const FolderRule* rule_for(std::string_view path) {
  const auto& rules = folder_rules();
  const auto found = std::find_if(
      rules.begin(), rules.end(), [path](const FolderRule& r) { return below(path, r.folder); });
  return found == rules.end() ? nullptr : &*found;
}

std::string list_of(const std::vector<std::string_view>& folders) {
  std::string out;
  for (const std::string_view folder : folders) {
    if (!out.empty()) out.append(", ");
    out.append(folder);
  }
  return out.empty() ? "nothing else of the project" : out;
}

class Checker {
 public:
  Checker(std::string_view path, std::string_view text) : path_(path), source_(scan(text)) {
    if (!text.starts_with(k_licence)) {
      report(1, join({"the first line must be \"", k_licence, "\""}));
    }
  }

  std::vector<Finding> run() && {
    // Tests may reach everything; the product may not reach the tests.
    if (!below(path_, "tests") && !below(path_, "examples")) {
      for (const Include& include : source_.includes) check_include(include);
    }
    for (const WordRule& rule : word_rules()) check_words(rule);
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return a.line < b.line;
    });
    return std::move(findings_);
  }

 private:
  void report(std::size_t line, std::string message) {
    findings_.push_back({std::string(path_), line, std::move(message)});
  }

  void check_include(const Include& include) {
    if (is_of_the_project(include.path)) {
      check_project_include(include);
    } else {
      check_library_include(include);
    }
  }

  void check_project_include(const Include& include) {
    const std::string_view target = include.path;
    if (!include.quoted) {
      report(include.line, join({"<", target, "> is ours: write \"", target, "\""}));
    }
    const FolderRule* rule = rule_for(path_);
    if (rule == nullptr) {
      report(include.line,
             join({folder_of(path_),
                   " is not in the include table: add it to ARCHITECTURE.md and to "
                   "tests/unit/layering/table.cc"}));
      return;
    }
    if (is_composition(path_) && !below(target, "tests")) return;
    if (below(target, home_of(path_, *rule)) || below_any(target, rule->may_include)) return;
    if (below(target, "adapters")) return check_adapter_include(include);
    if (below(path_, "api") && below(target, "api")) return check_api_include(include);
    report(include.line,
           join({home_of(path_, *rule),
                 " may not include ",
                 target.substr(0, target.rfind('/')),
                 ": it may include ",
                 list_of(rule->may_include),
                 "; move what it needs down, or pass it in"}));
  }

  void check_adapter_include(const Include& include) {
    const std::string_view target = include.path;
    const bool may_see_public = below(path_, "adapters") ||
                                (below(path_, "api/sandbox") && below(target, "adapters/payments"));
    if (!may_see_public) {
      report(
          include.line,
          join(
              {folder_of(path_),
               " may not include ",
               folder_of(target),
               ": only api/main.cc and the files beside it see adapters; declare an interface here "
               "(in engine/ports when it is the engine's) and let main.cc pass the adapter in"}));
    } else if (!is_public_adapter_header(target)) {
      report(include.line,
             join({target,
                   " is not public: an adapter shows others only what public_adapter_headers() "
                   "in tests/unit/layering/table.cc lists"}));
    }
  }

  void check_api_include(const Include& include) {
    if (!is_composition(include.path)) return;
    report(include.line,
           join({include.path,
                 " puts engine and adapters together: declare what ",
                 folder_of(path_),
                 " needs in a header of its own and let main.cc pass it in"}));
  }

  void check_library_include(const Include& include) {
    const auto& rules = library_rules();
    const auto rule = std::find_if(rules.begin(), rules.end(), [&include](const LibraryRule& r) {
      return include.path.starts_with(r.prefix);
    });
    if (rule == rules.end()) return check_unlisted_include(include);
    if (!below_any(path_, rule->homes)) {
      report(include.line,
             join({folder_of(path_), " may not include <", include.path, ">: ", rule->instead}));
      return;
    }
    check_header_include(include);
  }

  void check_header_include(const Include& include) {
    if (!is_header(path_)) return;
    if (include.path.starts_with("nlohmann/") && below(path_, "engine")) {
      report(include.line,
             join({"<",
                   include.path,
                   "> in a header of the engine: keep it in .cc files and show our "
                   "own types in the header"}));
    }
    if (include.path.starts_with("boost/beast") && !is_internal_header(path_)) {
      report(include.line,
             join({"<",
                   include.path,
                   "> in a public header: keep it in .cc files, or name the header "
                   "*_internal.h"}));
    }
  }

  // Standard headers have neither dot nor slash. What remains is the system's, or a library that
  // the table doesn't know: an adapter's own, but never the engine's, except in its drivers.
  void check_unlisted_include(const Include& include) {
    if (include.quoted) {
      report(include.line,
             join({"\"",
                   include.path,
                   "\": include paths start at the root of the repository, as in \"",
                   folder_of(path_),
                   "/",
                   include.path,
                   "\""}));
      return;
    }
    const bool standard = include.path.find_first_of("./") == std::string::npos;
    const bool driver = below(path_, "engine/runtime") && is_driver(path_);
    if (standard || driver || !below(path_, "engine")) return;
    report(
        include.line,
        join({"the engine may not include <",
              include.path,
              ">: use the standard library (<cstdint>, not <stdint.h>), or put the call behind a "
              "port in engine/ports"}));
  }

  void check_words(const WordRule& rule) {
    if (!below(path_, rule.folder) || (rule.drivers_excepted && is_driver(path_))) return;
    for (std::size_t i = 0; i < source_.code.size(); ++i) {
      for (const BannedWord& banned : rule.words) {
        if (!has_word(source_.code[i], banned.word)) continue;
        report(i + 1, join({"`", banned.word, "` in ", rule.folder, ": ", banned.instead}));
      }
    }
  }

  static bool has_word(std::string_view line, std::string_view word) {
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      const bool begins = !is_word(word.front()) || at == 0 || !is_word(line[at - 1]);
      const bool ends =
          word.back() == '_' || !is_word(word.back()) || end == line.size() || !is_word(line[end]);
      if (begins && ends) return true;
    }
    return false;
  }

  std::string_view path_;
  SourceText source_;
  std::vector<Finding> findings_;
};

bool is_source(const std::filesystem::path& path) {
  return path.extension() == ".cc" || path.extension() == ".h";
}

// Sorted, so that reports don't depend on the file system.
std::set<std::string> sources_below(const std::filesystem::path& root, std::string_view folder) {
  std::set<std::string> paths;
  if (!std::filesystem::is_directory(root / folder)) return paths;
  std::filesystem::recursive_directory_iterator it(root / folder);
  for (; it != std::filesystem::recursive_directory_iterator(); ++it) {
    if (it->is_directory() && it->path().filename() == "node_modules") {
      it.disable_recursion_pending();
    } else if (it->is_regular_file() && is_source(it->path())) {
      paths.insert(it->path().lexically_relative(root).generic_string());
    }
  }
  return paths;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string to_text(const Finding& finding) {
  return join({finding.file, ":", std::to_string(finding.line), ": ", finding.message});
}

std::vector<Finding> check_source(std::string_view path, std::string_view text) {
  return Checker(path, text).run();
}

TreeReport check_tree(const std::filesystem::path& root) {
  TreeReport report;
  for (const std::string_view folder : k_source_roots) {
    for (const std::string& path : sources_below(root, folder)) {
      ++report.files;
      const std::vector<Finding> findings = check_source(path, read_file(root / path));
      report.findings.insert(report.findings.end(), findings.begin(), findings.end());
    }
  }
  return report;
}

}  // namespace vozex::layering
