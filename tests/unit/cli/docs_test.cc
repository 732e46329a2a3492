// SPDX-License-Identifier: Apache-2.0
//
// Every command that docs/tools.md shows is run, in order, in one folder: lines of ```sh blocks,
// on the files that ```yaml blocks after "`name.yaml`" give. A line says its exit code when it is
// not 0: "# exit code 1".
#include <gmock/gmock.h>

#include <sstream>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

class ToolsPage : public ProgramRun {
 protected:
  // The last `....yaml` before a block names it.
  static std::string name_before(const std::string& page, std::size_t block) {
    const std::size_t end = page.rfind(".yaml`", block);
    const std::size_t begin = page.rfind('`', end - 1);
    return page.substr(begin + 1, end + 5 - begin - 1);
  }
  static int code_of(const std::string& line) {
    const std::size_t said = line.find("# exit code ");
    return said == std::string::npos ? 0 : std::stoi(line.substr(said + 12));
  }
  void run_block(const std::string& block) {
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) {
      file("line.bash", "vozex() { " VOZEX_BINARY " \"$@\"; }\n" + line + "\n");
      const int status =
          std::system(("cd " + folder_ + " && bash line.bash >.out 2>.err </dev/null").c_str());
      EXPECT_EQ(WEXITSTATUS(status), code_of(line)) << line << "\n" << text(".out") << text(".err");
      std::filesystem::remove(folder_ + "/line.bash");
      ++run_;
    }
  }

  int run_ = 0;
};

TEST_F(ToolsPage, ItsExamplesRun) {
  std::ifstream in(VOZEX_SOURCE_DIR "/docs/tools.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  for (std::size_t at = page.find("\n```"); at != std::string::npos; at = page.find("\n```", at)) {
    const std::size_t begin = page.find('\n', at + 1) + 1;
    const std::size_t end = page.find("\n```", begin - 1);
    const std::string kind = page.substr(at + 4, begin - at - 5);
    const std::string block = page.substr(begin, end + 1 - begin);
    if (kind == "yaml") file(name_before(page, at), block);
    if (kind == "sh") run_block(block);
    at = end + 4;
  }
  EXPECT_GT(run_, 10);
}

}  // namespace
}  // namespace vozex::cli
