// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/payments.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/http/http_client.h"
#include "adapters/http/standard_webhooks.h"
#include "adapters/payments/gateway.h"
#include "adapters/payments/paypal/paypal_gateway.h"
#include "adapters/payments/stripe/signature.h"
#include "engine/types/json.h"
#include "tests/conformance/case_files.h"

namespace vozex::conformance {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using payments::Gateway;
using payments::WebhookEvent;

constexpr const char* k_secret_name = "env:CONFORMANCE_SECRET";
constexpr const char* k_standard = "standard_webhooks";
// When payloads came, as far as their gateway asks: later than all of them.
constexpr std::int64_t k_payload_now_s = 1'788'000'000;

class StillClock final : public ports::Clock {
 public:
  explicit StillClock(Timestamp at) : now_(at) {}
  Timestamp now() const override { return now_; }
  Duration boot() const override { return std::chrono::hours{1}; }

 private:
  Timestamp now_;
};

// Every name leads to the one secret of the vector.
class OneSecret final : public ports::Secrets {
 public:
  explicit OneSecret(std::string secret) : secret_(std::move(secret)) {}
  std::optional<std::string> get(std::string_view) const override { return secret_; }

 private:
  std::string secret_;
};

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

// Which side of a gateway signed: PayPal's certificates tell by their address.
payments::Environment environment_of(const json& vector) {
  const json headers = vector.value("headers", json::object());
  const auto url = headers.value("paypal-cert-url", "");
  return url.find(".sandbox.") == std::string::npos ? payments::Environment::live
                                                    : payments::Environment::test;
}

// PayPal's vectors are of its simulator and of certificates that ended: a configuration refuses
// both in a live system, so the gateway is built from what a configuration leads to.
std::unique_ptr<Gateway> make_paypal(const json& vector,
                                     const fs::path& folder,
                                     const payments::Surroundings& outside) {
  payments::PaypalConfig config;
  config.client_id = config.client_secret = k_secret_name;
  config.webhook_ids = {vector.value("webhook_id", "WEBHOOK_ID")};
  config.environment = environment_of(vector);
  config.certificates = folder.string();
  const fs::path root = folder / "DigiCertHighAssuranceEVRootCA.pem";
  if (fs::exists(root)) config.ca_file = root.string();
  return std::make_unique<payments::PaypalGateway>(config, outside);
}

// What the other gateways are configured with; the first that one accepts is used.
std::vector<json> settings_for() {
  return {{{"api_key", k_secret_name}, {"webhook_secrets", {k_secret_name}}},
          {{"webhook_secrets", {k_secret_name}}}};
}

// A gateway and what it was made from.
struct Made {
  http::HttpClient http;
  StillClock clock;
  OneSecret secret;
  std::unique_ptr<Gateway> gateway;
  std::string problem;
  bool registered = true;

  Made(std::int64_t now_s, std::string secret_text)
      : clock(at(now_s)), secret(std::move(secret_text)) {}
};

std::unique_ptr<Made> make_gateway(const std::string& name,
                                   const json& vector,
                                   std::int64_t now_s,
                                   const fs::path& folder) {
  auto made = std::make_unique<Made>(now_s, vector.value("secret", "whsec_c2VjcmV0Cg=="));
  if (name == "paypal") {
    made->gateway = make_paypal(vector, folder, {made->http, made->secret, made->clock});
    return made;
  }
  for (const json& settings : settings_for()) {
    const auto config = types::parse_json(json{{name, settings}}.dump());
    auto gateways = payments::make_gateways(*config, {made->http, made->secret, made->clock});
    if (gateways && !gateways->empty()) {
      made->gateway = std::move(gateways->front());
      return made;
    }
    if (gateways) continue;
    made->problem = gateways.error().message;
    if (made->problem.starts_with("unknown gateway")) {
      made->registered = false;
      return made;
    }
  }
  return made;
}

// The gateways of one run. Vectors with the same settings share one, because a gateway may
// remember: a body that comes with the headers of another must not be taken for genuine.
class Gateways {
 public:
  explicit Gateways(fs::path folder) : folder_(std::move(folder)) {}

  const Made& of(const std::string& name, const json& vector, std::int64_t now_s) {
    const std::string key =
        name + vector.value("webhook_id", std::string()) +
        (environment_of(vector) == payments::Environment::live ? "live" : "test") +
        vector.value("secret", std::string());
    auto& made = made_[key];
    if (made == nullptr) made = make_gateway(name, vector, now_s, folder_);
    return *made;
  }

 private:
  fs::path folder_;
  std::map<std::string, std::unique_ptr<Made>> made_;
};

// Says why there is no gateway; true when there is one.
bool is_usable(const Made& made,
               const std::string& gateway,
               const std::string& id,
               Report& report) {
  if (made.gateway != nullptr) return true;
  if (!made.registered) {
    report.not_expressible(id, "no gateway registered: " + gateway);
  } else {
    report.fail(
        id,
        "expected a gateway that takes one of the settings of tests/conformance/payments.cc, "
        "got: " +
            made.problem);
  }
  return false;
}

http::Headers headers_of(const json& vector) {
  http::Headers headers;
  for (const auto& [name, value] : vector.at("headers").items())
    headers.push_back({name, value.get<std::string>()});
  return headers;
}

// The clock of a vector; one without stands at its transmission time.
std::int64_t now_of(const json& vector) {
  if (vector.contains("now")) return vector.at("now").get<std::int64_t>();
  for (const auto& [name, value] : vector.at("headers").items()) {
    if (name != "paypal-transmission-time") continue;
    const auto time = parse_timestamp(value.get<std::string>());
    if (time)
      return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
  }
  return k_payload_now_s;
}

void judge(const std::string& id,
           const json& vector,
           const Result<std::string>& verified,
           Report& report) {
  const bool accept = vector.at("expected") == "accept";
  if (verified.has_value() == accept) {
    report.pass();
  } else if (accept) {
    report.fail(id, "expected the signature to be accepted, got " + verified.error().message);
  } else {
    report.fail(id, "expected the signature to be refused, it was accepted");
  }
}

void run_standard(const std::string& id, const json& vector, Report& report) {
  const auto verified = http::verify_webhook({vector.at("secret").get<std::string>()},
                                             headers_of(vector),
                                             vector.at("body").get<std::string>(),
                                             at(now_of(vector)));
  judge(id, vector, verified, report);
}

// The bare HMAC of Stripe's scheme.
void run_digest(const std::string& id, const json& vector, Report& report) {
  const auto digest = payments::stripe_digest(vector.at("secret").get<std::string>(),
                                              vector.at("body").get<std::string>());
  const auto expected = vector.at("hmac_hex").get<std::string>();
  if (digest == expected) {
    report.pass();
  } else {
    report.fail(id, "expected the digest " + expected + ", got " + digest);
  }
}

// A genuine signature over a body that isn't: refused, or not to count before it was looked up.
void judge_forged(const std::string& id, const Result<WebhookEvent>& event, Report& report) {
  if (!event || event->needs_lookup) {
    report.pass();
  } else {
    report.fail(id, "expected a forged body to be refused or looked up, it was taken as it is");
  }
}

void run_vector(Gateways& gateways,
                const std::string& gateway,
                const std::string& id,
                const json& vector,
                Report& report) {
  if (gateway == k_standard) {
    run_standard(id, vector, report);
    return;
  }
  if (vector.at("expected") == "hmac_hex") {
    run_digest(id, vector, report);
    return;
  }
  const std::int64_t now_s = now_of(vector);
  const Made& made = gateways.of(gateway, vector, now_s);
  if (!is_usable(made, gateway, id, report)) return;
  const auto body = vector.at("body").get<std::string>();
  const auto verified = made.gateway->verify_webhook(headers_of(vector), body, at(now_s));
  if (vector.at("expected") == "signature_matches_but_must_not_be_trusted") {
    if (!verified) {
      report.pass();
    } else {
      judge_forged(id, made.gateway->normalise_webhook(*verified, body, at(now_s)), report);
    }
    return;
  }
  if (verified && vector.at("expected") == "accept") {
    const auto event = made.gateway->normalise_webhook(*verified, body, at(now_s));
    if (!event) {
      report.fail(id, "expected an event of our vocabulary, got " + event.error().message);
      return;
    }
  }
  judge(id, vector, verified, report);
}

void run_payload(Gateways& gateways,
                 const std::string& gateway,
                 const std::string& id,
                 const json& document,
                 Report& report) {
  const Made& made = gateways.of(gateway, json::object(), k_payload_now_s);
  if (!is_usable(made, gateway, id, report)) return;
  const auto event = made.gateway->normalise_webhook(
      "conformance", document.at("body").dump(), at(k_payload_now_s));
  if (event) {
    report.pass();
  } else {
    report.fail(id, "expected an event of our vocabulary, got " + event.error().message);
  }
}

// Runs `one` and turns what a malformed case throws into a failure.
template <class Run>
void guarded(const std::string& id, Report& report, Run one) {
  try {
    one();
  } catch (const std::exception& error) {
    report.fail(id, std::string("malformed case: ") + error.what());
  }
}

std::vector<fs::path> entries_of(const fs::path& folder, bool folders) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator entries(folder, failure), end; !failure && entries != end;
       entries.increment(failure)) {
    const bool wanted =
        folders ? entries->is_directory(failure) : entries->path().extension() == ".json";
    if (wanted) found.push_back(entries->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void run_vectors(Gateways& gateways, const fs::path& file, Report& report) {
  const json document = read_json_file(file.string(), report);
  if (document.is_discarded()) return;
  if (!document.is_object() || !document.contains("vectors") ||
      !document.at("vectors").is_array()) {
    report.fail(file.string(), "expected an object with the list `vectors`");
    return;
  }
  const std::string gateway = file.stem().string();
  std::size_t position = 0;
  for (const json& vector : document.at("vectors")) {
    ++position;
    const bool named = vector.is_object() && vector.contains("name") && vector["name"].is_string();
    const std::string id =
        gateway + "/" + (named ? vector["name"].get<std::string>() : std::to_string(position));
    guarded(id, report, [&] { run_vector(gateways, gateway, id, vector, report); });
  }
}

}  // namespace

void run_payments(const std::string& folder, Report& report) {
  const std::vector<fs::path> files = entries_of(folder, false);
  Gateways gateways(folder);
  for (const fs::path& file : files) run_vectors(gateways, file, report);
  const std::vector<fs::path> senders = entries_of(fs::path(folder) / "payloads", true);
  for (const fs::path& gateway : senders) {
    const std::string name = gateway.filename().string();
    for (const fs::path& file : entries_of(gateway, false)) {
      const std::string id = "payloads/" + name + "/" + file.filename().string();
      const json document = read_json_file(file.string(), report);
      if (document.is_discarded()) continue;
      guarded(id, report, [&] { run_payload(gateways, name, id, document, report); });
    }
  }
  if (files.empty() && senders.empty())
    report.fail(folder, "expected a folder with signature vectors or payloads, got none");
}

}  // namespace vozex::conformance
