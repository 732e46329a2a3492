// SPDX-License-Identifier: Apache-2.0
#include "api/doors.h"

#include <sys/stat.h>

#include "adapters/fulfillment/license_download/license_document.h"
#include "api/cli/exit_codes.h"
#include "api/cli/output.h"
#include "engine/types/json.h"

namespace vozex::program {
namespace {

using types::Value;

class GatewayWebhooks final : public handlers::WebhookSource {
 public:
  GatewayWebhooks(const payments::PaymentsAdapter& payments, std::string name)
      : payments_(payments), name_(std::move(name)) {}

  std::string_view name() const override { return name_; }

  Result<machine::Event> receive(const http::Request& request) override {
    http::Headers headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    auto said = payments_.receive(name_, headers, request.body);
    if (!said) return tl::unexpected(said.error());
    machine::Event event;
    event.id = std::move(said->fact);
    event.source = std::move(said->source);
    event.name = std::move(said->type);
    event.time = said->time;
    event.data = std::move(said->data);
    return event;
  }

 private:
  const payments::PaymentsAdapter& payments_;
  std::string name_;
};

unsigned status_of(const fulfillment::DownloadRefusal& refusal) {
  if (refusal.unavailable) return 503;
  if (refusal.verdict == fulfillment::Verdict::suspended) return 403;  // it may come back
  return refusal.verdict == fulfillment::Verdict::unknown ? 404 : 410;
}

// Changes when the file does: its size and its time of change.
std::string etag_of(const std::string& path, std::uint64_t size) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return "\"" + std::to_string(size) + "\"";
  return "\"" + std::to_string(size) + "-" + std::to_string(facts.st_mtim.tv_sec) + "." +
         std::to_string(facts.st_mtim.tv_nsec) + "\"";
}

class LicenseDownloads final : public handlers::Downloads {
 public:
  explicit LicenseDownloads(fulfillment::DownloadService& service) : service_(service) {}

  tl::expected<handlers::DownloadFile, handlers::DownloadRefusal> open(
      std::string_view token, std::string_view method, std::string_view range) override {
    auto download = service_.resolve(token, fulfillment::part_of(method, range));
    if (!download) {
      const auto& refusal = download.error();
      const std::string code =
          refusal.unavailable ? "download_unavailable"
                              : std::string("download_") + fulfillment::to_string(refusal.verdict);
      return tl::unexpected(handlers::DownloadRefusal{status_of(refusal), code, refusal.message});
    }
    handlers::DownloadFile file;
    file.path = download->path.string();
    file.size = download->size;
    file.content_type = download->content_type;
    file.file_name = download->file_name;
    file.etag = etag_of(file.path, file.size);
    file.remaining = download->remaining;
    return file;
  }

 private:
  fulfillment::DownloadService& service_;
};

Result<fulfillment::PublicKey> read_public_key(const std::string& text) {
  std::string key = text.substr(0, text.find_last_not_of(" \r\n\t") + 1);
  if (const auto json = types::parse_json(text); json && json->is_map())
    key = std::string(json->text_at("public_key"));
  return fulfillment::PublicKey::parse(key);
}

}  // namespace

std::vector<std::unique_ptr<handlers::WebhookSource>> gateway_webhooks(
    const payments::PaymentsAdapter& payments) {
  std::vector<std::unique_ptr<handlers::WebhookSource>> sources;
  for (std::string& name : payments.gateway_names()) {
    sources.push_back(std::make_unique<GatewayWebhooks>(payments, std::move(name)));
  }
  return sources;
}

std::unique_ptr<handlers::Downloads> license_downloads(fulfillment::DownloadService& service) {
  return std::make_unique<LicenseDownloads>(service);
}

std::string published_key(const fulfillment::PublicKey& key) {
  return types::to_json(Value::object({{"format", Value::string("vozex-license-1")},
                                       {"algorithm", Value::string("Ed25519")},
                                       {"key_id", Value::string(key.id())},
                                       {"public_key", Value::string(key.text())}}));
}

int verify_license_file(const std::string& document, const std::string& text, Timestamp now) {
  const auto key = read_public_key(text);
  if (!key) {
    cli::say_error(key.error());
    return cli::k_usage;
  }
  const auto facts = fulfillment::verify_license(document, *key, now);
  if (!facts) {
    cli::say_error(facts.error());
    return cli::k_findings;
  }
  Value said = Value::object({{"license_id", Value::string(facts->license_id)},
                              {"key", Value::string(facts->key)},
                              {"product_id", Value::string(facts->product_id)},
                              {"order_id", Value::string(facts->order_id)},
                              {"customer_id", Value::string(facts->customer_id)},
                              {"seats", Value::integer(facts->seats)},
                              {"issued_at", Value::timestamp(facts->issued_at)}});
  if (facts->expires_at) said = said.with("expires_at", Value::timestamp(*facts->expires_at));
  cli::print_object(said, cli::Format::table);
  cli::say("genuine");
  return cli::k_ok;
}

}  // namespace vozex::program
