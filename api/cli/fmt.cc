// SPDX-License-Identifier: Apache-2.0
// One layout for all files. A file is replaced as a whole or not at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/cli/text_diff.h"
#include "engine/language/format.h"

namespace vozex::cli {
namespace {

struct Asked {
  std::vector<std::string> paths;
  bool check = false;
  bool diff = false;
};

struct Tally {
  std::size_t files = 0;
  std::size_t changed = 0;
  std::size_t refused = 0;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

// A new file beside it takes its mode and then its place. What a link points to is written, not the
// link.
bool replace_file(const std::string& path, std::string_view text) {
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(path, failed);
  struct stat was{};
  if (failed || ::stat(real.c_str(), &was) != 0) return false;
  std::string fresh = (real.parent_path() / ("." + real.filename().string() + ".XXXXXX")).string();
  const int file = ::mkstemp(fresh.data());
  if (file < 0) return false;
  bool good = ::fchmod(file, was.st_mode & 07777U) == 0 && write_all(file, text);
  good = ::close(file) == 0 && good;
  if (good && ::rename(fresh.c_str(), real.c_str()) == 0) return true;
  const int why = errno;
  ::unlink(fresh.c_str());
  errno = why;
  return false;
}

void format_one(const machine::SourceFile& file, const Asked& asked, Tally& tally) {
  ++tally.files;
  std::vector<Diagnostic> diagnostics;
  const auto text = language::format_yaml({file.name, file.text}, diagnostics);
  if (!text) {
    ++tally.refused;
    std::cerr << language::render(diagnostics, {{file}});
    return;
  }
  if (*text == file.text) return;
  ++tally.changed;
  if (asked.diff) std::cout << unified_diff(file.name, file.text, *text);
  if (asked.check && !asked.diff) std::cout << file.name << '\n';
  if (asked.check || asked.diff) return;
  if (replace_file(file.name, *text)) return;
  ++tally.refused;
  say("error: can't write " + file.name + ": " + std::strerror(errno));
}

int format_input(const Asked& asked) {
  const auto read = read_file("-");
  if (!read) {
    say_error(read.error());
    return k_not_found;
  }
  std::vector<Diagnostic> diagnostics;
  const machine::SourceFile file{"-", *read};
  const auto text = language::format_yaml({file.name, file.text}, diagnostics);
  if (!text) {
    std::cerr << language::render(diagnostics, {{file}});
    return k_findings;
  }
  if (asked.diff) {
    std::cout << unified_diff("-", *read, *text);
  } else if (!asked.check) {
    std::cout << *text;
  }
  return (asked.check || asked.diff) && *text != *read ? k_findings : k_ok;
}

std::vector<machine::SourceFile> named_files(const FoundFiles& found) {
  std::vector<machine::SourceFile> files = found.tests;
  for (const machine::SourceFile& file : found.sources.files) {
    if (std::find(found.named.begin(), found.named.end(), file.name) != found.named.end())
      files.push_back(file);
  }
  std::sort(
      files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

int format_files(const Asked& asked) {
  const auto found = find_files(asked.paths);
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  const auto files = named_files(*found);
  if (files.empty()) {
    say("error: no files there: expected *.yaml");
    return k_not_found;
  }
  Tally tally;
  for (const machine::SourceFile& file : files) format_one(file, asked, tally);
  std::cout.flush();
  const bool only_looks = asked.check || asked.diff;
  say(std::to_string(tally.files) + (tally.files == 1 ? " file: " : " files: ") +
      std::to_string(tally.changed) + (only_looks ? " to be formatted" : " formatted") +
      (tally.refused == 0 ? "" : ", " + std::to_string(tally.refused) + " refused"));
  return tally.refused > 0 || (only_looks && tally.changed > 0) ? k_findings : k_ok;
}

}  // namespace

void add_fmt(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "fmt",
      "Give workflow, adapter, types and test files one layout\n\n"
      "  vozex fmt workflows\n"
      "  vozex fmt workflows --check          lists what is not formatted, exit code 1\n"
      "  vozex fmt order.yaml --diff\n"
      "  vozex fmt - < order.yaml             to standard output, for editors\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("paths", asked->paths, "files, folders, or - for standard input")->required();
  command->add_flag("--check", asked->check, "write nothing; list the files that would change");
  command->add_flag("--diff", asked->diff, "write nothing; show what would change");
  command->callback([&program, asked] {
    const bool input = asked->paths.size() == 1 && asked->paths.front() == "-";
    program.exit_code = input ? format_input(*asked) : format_files(*asked);
  });
}

}  // namespace vozex::cli
