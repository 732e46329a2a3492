// SPDX-License-Identifier: Apache-2.0
//
// The real program in a folder of its own, for tests that derive from it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace vozex::cli {

class ProgramRun : public ::testing::Test {
 protected:
  ProgramRun() {
    char path[] = "/tmp/vozex-cli-test.XXXXXX";
    folder_ = ::mkdtemp(path);
  }
  ~ProgramRun() override { std::filesystem::remove_all(folder_); }

  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string text(const std::string& name) const {
    std::ifstream in(folder_ + "/" + name);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  // In the folder; what it prints is in out_ and err_. `input` is a file there.
  int run(const std::string& arguments, const std::string& input = "/dev/null") {
    const std::string command =
        "cd " + folder_ + " && " VOZEX_BINARY " " + arguments + " >.out 2>.err <" + input;
    const int status = std::system(command.c_str());
    out_ = text(".out");
    err_ = text(".err");
    return WEXITSTATUS(status);
  }

  std::string folder_;
  std::string out_;
  std::string err_;
};

}  // namespace vozex::cli
