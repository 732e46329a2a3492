// SPDX-License-Identifier: Apache-2.0
#include "api/dev_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "api/cli/files.h"
#include "engine/base/base64.h"
#include "engine/types/json.h"

namespace vozex::program {
namespace {

namespace fs = std::filesystem;

Failure unwritable(const fs::path& path) {
  return fail(ErrorClass::invalid,
              "state_unwritable",
              "Can't write " + path.string() + ". Choose another folder with --state.");
}

Result<void> write_private(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return unwritable(path);
  const bool good = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!good) return unwritable(path);
  return {};
}

std::string random_bytes(ports::Random& random, std::size_t words) {
  std::string bytes;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word = random.next();
    for (int j = 0; j < 8; ++j, word >>= 8) bytes += static_cast<char>(word & 0xFF);
  }
  return bytes;
}

Result<std::string> secret_file(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    if (auto written = write_private(path, text); !written) return tl::unexpected(written.error());
  }
  return fs::absolute(path, ignored).string();
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

void append_number(std::string& out, std::uint32_t number, int bytes) {
  for (int i = 0; i < bytes; ++i, number >>= 8) out += static_cast<char>(number & 0xFF);
}

// A ZIP archive with one stored file (PKWARE's APPNOTE, 4.3).
std::string zip_of(const std::string& name, const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string facts;
  append_number(facts, 20, 2);  // version needed
  append_number(facts, 0, 4);   // flags, stored
  append_number(facts, 0x00215400u, 4);
  append_number(facts, crc32(text), 4);
  append_number(facts, size, 4);
  append_number(facts, size, 4);
  append_number(facts, static_cast<std::uint32_t>(name.size()), 2);
  append_number(facts, 0, 2);
  std::string out = "PK\x03\x04" + facts + name + text;
  const auto directory = static_cast<std::uint32_t>(out.size());
  out += "PK\x01\x02";
  append_number(out, 20, 2);
  out += facts;
  out.append(14, '\0');  // no comment, disk 0, no attributes, offset 0
  out += name;
  const auto directory_size = static_cast<std::uint32_t>(out.size()) - directory;
  out += "PK\x05\x06";
  append_number(out, 0, 4);
  append_number(out, 1, 2);
  append_number(out, 1, 2);
  append_number(out, directory_size, 4);
  append_number(out, directory, 4);
  append_number(out, 0, 2);
  return out;
}

Result<void> make_sample(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return unwritable(folder);
  const fs::path sample = folder / "editor.zip";
  if (fs::exists(sample, error)) return {};
  return write_private(
      sample, zip_of("README.txt", "This is the text editor that Ann bought. Thank you, Ann.\n"));
}

}  // namespace

Result<DevFiles> make_dev_files(const std::string& state,
                                const std::string& url,
                                ports::Random& random) {
  std::error_code error;
  fs::create_directories(state, error);
  if (error || ::chmod(state.c_str(), 0700) != 0) return unwritable(state);
  const fs::path folder(state);
  auto api_key = secret_file(folder / "api-key", "vzx_" + base64url(random_bytes(random, 4)));
  if (!api_key) return tl::unexpected(api_key.error());
  auto gateway_key =
      secret_file(folder / "gateway-key", "sk_sandbox_" + base64url(random_bytes(random, 4)));
  if (!gateway_key) return tl::unexpected(gateway_key.error());
  auto webhook_secret =
      secret_file(folder / "webhook-secret", "whsec_" + base64(random_bytes(random, 4)));
  if (!webhook_secret) return tl::unexpected(webhook_secret.error());
  if (auto made = make_sample(folder / "artifacts"); !made) return tl::unexpected(made.error());
  const auto key = cli::read_file(*api_key);
  if (!key) return tl::unexpected(key.error());
  const auto client = types::to_json(types::Value::object(
      {{"url", types::Value::string(url)}, {"key", types::Value::string(*key)}}));
  if (auto written = write_private(folder / "client.json", client); !written)
    return tl::unexpected(written.error());
  return DevFiles{*std::move(api_key), *std::move(gateway_key), *std::move(webhook_secret)};
}

}  // namespace vozex::program
