// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/declared_adapter.h"

#include <spdlog/spdlog.h>

#include "adapters/http/call_errors.h"
#include "adapters/http/declared_answer.h"
#include "adapters/http/declared_request.h"
#include "engine/base/base64.h"

namespace vozex::http {
namespace {

using Auth = machine::HttpAuth;

// A header, and the texts of it that nobody may see.
struct Credentials {
  std::optional<Header> header;
  std::vector<std::string> hidden;
};

Credentials credentials_of(const Auth& auth, const std::string& secret) {
  switch (auth.kind) {
    case Auth::Kind::none: return {};
    case Auth::Kind::bearer: return {Header{"Authorization", "Bearer " + secret}, {secret}};
    case Auth::Kind::header: return {Header{auth.name, secret}, {secret}};
    case Auth::Kind::basic: {
      const std::string both = base64(auth.name + ":" + secret);
      return {Header{"Authorization", "Basic " + both}, {secret, both}};
    }
  }
  return {};
}

// Some services repeat in their answers what they were sent.
void hide(const std::vector<std::string>& hidden, std::string& text) {
  constexpr std::string_view k_instead = "[secret]";
  for (const std::string& secret : hidden) {
    for (std::size_t at = text.find(secret); !secret.empty() && at != std::string::npos;
         at = text.find(secret, at + k_instead.size())) {
      text.replace(at, secret.size(), k_instead);
    }
  }
}

void hide(const std::vector<std::string>& hidden, HttpResponse& response) {
  hide(hidden, response.body);
  for (Header& header : response.headers) hide(hidden, header.value);
}

}  // namespace

std::string secret_reference(const DeclaredSettings& settings, const std::string& name) {
  const auto found = settings.secrets.find(name);
  return found == settings.secrets.end() ? "env:VOZEX_SECRET_" + name : found->second;
}

DeclaredAdapter::DeclaredAdapter(std::string name,
                                 FindOperation find,
                                 DeclaredSettings settings,
                                 const Surroundings& outside)
    : name_(std::move(name)),
      find_(std::move(find)),
      settings_(std::move(settings)),
      outside_(outside) {}

ports::CallReply DeclaredAdapter::call(const ports::CallRequest& request) {
  const machine::OperationRef operation = find_(request);
  if (operation == nullptr || operation->http == nullptr) {
    return tl::unexpected(call_error("not_configured",
                                     "no file that is deployed here says how " + name_ + "." +
                                         request.operation + " is carried out"));
  }
  int status = 0;
  auto reply = carry_out(*operation, request, status);
  spdlog::log(reply ? spdlog::level::info : spdlog::level::warn,
              "call adapter={} operation={} workflow={} key={} call={} attempt={} status={} "
              "outcome={}",
              name_,
              request.operation,
              request.workflow,
              request.instance_key,
              request.id.text(),
              request.attempt,
              status,
              reply ? "ok" : reply.error().code);
  return reply;
}

ports::CallReply DeclaredAdapter::carry_out(const machine::OperationDecl& operation,
                                            const ports::CallRequest& call,
                                            int& status) const {
  const machine::HttpOperation& http = *operation.http;
  const std::string& base = settings_.base.empty() ? http.base : settings_.base;
  if (base.empty()) {
    return tl::unexpected(call_error(
        "not_configured", "the base URL is not configured: adapters." + name_ + ".base"));
  }
  auto request = build_request(operation, call, base);
  if (!request) return tl::unexpected(request.error());
  request->origin_is_configured = !settings_.base.empty();
  request->max_response_bytes = k_max_declared_answer;
  Credentials credentials;
  if (http.auth.kind != Auth::Kind::none) {
    const std::string reference = secret_reference(settings_, http.auth.secret);
    const auto secret = outside_.secrets.get(reference);
    if (!secret) {
      return tl::unexpected(call_error(
          "not_configured",
          "the secret " + http.auth.secret + " is not here: expected it at " + reference));
    }
    credentials = credentials_of(http.auth, *secret);
    request->headers.push_back(*credentials.header);
  }
  auto response = outside_.client.send(*request);
  if (!response) return tl::unexpected(failure_error(response.error(), effect_of(operation)));
  status = response->status;
  hide(credentials.hidden, *response);
  return read_answer(operation, call.input, *response, outside_.clock.now());
}

}  // namespace vozex::http
