// SPDX-License-Identifier: Apache-2.0
//
// Library: the source files that this installation knows, by name: what it was started with, what
// was deployed since. A deployment is compiled together with them, so that a new workflow may
// import what is there. Thread rule: any thread, one lock.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/language/compile.h"

namespace vozex::handlers {

class Library {
 public:
  // Adds files, or replaces those of the same name.
  void add(const std::vector<machine::SourceFile>& files);

  struct Attempt {
    language::SourceSet sources;  // all that was compiled
    language::Compilation compilation;
  };
  // Compiles the library with these files in it, without keeping them. Files that declare the same
  // workflow, types or adapter as one of `files` give way to it, whatever their name.
  Attempt compile_with(const std::vector<machine::SourceFile>& files) const;

 private:
  mutable std::mutex mutex_;  // guards files_
  std::map<std::string, std::string> files_;
};

// "workflow order", "types_of commerce", "adapter payments": what a file declares; "" when it is
// none of these.
std::string declares(std::string_view yaml_text);

}  // namespace vozex::handlers
