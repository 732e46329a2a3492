// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/declared_answer.h"

#include <algorithm>

#include "adapters/http/declared_adapter.h"
#include "adapters/http/declared_values.h"
#include "engine/base/text.h"
#include "engine/types/json.h"
#include "engine/types/validate.h"

namespace vozex::http {
namespace {

using types::Value;

constexpr std::size_t k_max_message = 500;

// At most so many bytes, whole characters.
std::string cut(std::string text) {
  if (text.size() <= k_max_message) return text;
  std::size_t end = k_max_message;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

class Reader {
 public:
  Reader(const machine::OperationDecl& operation,
         const Value& input,
         const HttpResponse& response,
         Timestamp now)
      : operation_(operation),
        effect_(effect_of(operation)),
        response_(response),
        retry_after_(retry_after(response.headers, now)),
        value_(response_value()),
        view_(input, &value_) {}

  ports::CallReply read() const {
    for (const machine::HttpAnswer& answer : operation_.http->answers) {
      if (response_.status < answer.first || response_.status > answer.last) continue;
      if (answer.error.empty()) return success(answer.output.get());
      return tl::unexpected(declared_error(answer));
    }
    if (response_.status >= 200 && response_.status < 300) return success(nullptr);
    return tl::unexpected(default_error());
  }

 private:
  Value response_value() {
    Value::Map headers;
    for (const Header& header : response_.headers) {
      if (is_valid_utf8(header.value))
        headers.push_back({Value::string(header.name), Value::string(header.value)});
    }
    return Value::object({{"status", Value::integer(response_.status)},
                          {"headers", Value::map(std::move(headers))},
                          {"body", body_value()}});
  }

  Value body_value() {
    if (response_.body.empty()) return {};
    types::JsonLimits limits;
    limits.max_bytes = k_max_declared_answer;
    auto body = types::parse_json(response_.body, limits);
    if (body) return *std::move(body);
    body_fault_ = "its body is not JSON: " + body.error().message;
    return {};
  }

  std::string status_text() const {
    return operation_.adapter + " answered with status " + std::to_string(response_.status);
  }

  ports::CallReply success(const expr::Program* output) const {
    if (operation_.output == nullptr) return Value();
    if (output == nullptr) {
      if (!body_fault_.empty()) return failed(body_fault_, {});
      return checked(*value_.find("body"));
    }
    auto made = expr::evaluate(*output, view_);
    if (!made) {
      return failed(body_fault_.empty() ? "the output can't be made of it: " + made.error().message
                                        : body_fault_,
                    {});
    }
    return checked(unwrapped(*std::move(made)));
  }

  ports::CallReply checked(const Value& output) const {
    auto fitting = types::validate(output, *operation_.output);
    if (fitting) return *std::move(fitting);
    return failed("its body is not what was agreed: " + types::describe(fitting.error()),
                  fitting.error());
  }

  ports::CallReply failed(const std::string& why, const std::vector<types::Fault>& faults) const {
    auto error = bad_reply(cut(status_text() + ", and " + why), effect_);
    Value::List list;
    for (const types::Fault& fault : faults) {
      list.push_back(Value::object({{"pointer", Value::string(fault.pointer)},
                                    {"message", Value::string(cut(fault.message))}}));
    }
    error.details = Value::object(
        {{"status", Value::integer(response_.status)}, {"faults", Value::list(std::move(list))}});
    return tl::unexpected(std::move(error));
  }

  ports::CallError with_status(ports::CallError error) const {
    error.details = Value::object({{"status", Value::integer(response_.status)}});
    if (error.retryable || error.outcome_unknown) error.retry_after = retry_after_;
    return error;
  }

  ports::CallError declared_error(const machine::HttpAnswer& answer) const {
    std::string message = status_text();
    if (answer.message != nullptr) {
      const auto said = expr::evaluate(*answer.message, view_);
      if (said && said->is_string() && !said->as_string().empty()) message = said->as_string();
    }
    auto error = call_error(answer.error, cut(std::move(message)), answer.retryable);
    error.outcome_unknown = answer.error == "outcome_unknown";
    return with_status(std::move(error));
  }

  bool declares(std::string_view code) const {
    return std::find(operation_.errors.begin(), operation_.errors.end(), code) !=
           operation_.errors.end();
  }

  ports::CallError default_error() const {
    const int status = response_.status;
    if (status == 429) return with_status(call_error("rate_limited", status_text(), true));
    // Who says when to come again has refused the request. Without that a 503 may be a proxy's that
    // lost the answer.
    const bool refused = status == 503 && retry_after_.has_value();
    if (refused || status == 408 || status >= 500) {
      const bool unknown = !refused && effect_ == Effect::changes;
      return with_status(unknown ? unknown_outcome(status_text())
                                 : call_error("unavailable", status_text(), true));
    }
    if (status < 400) {
      return with_status(
          bad_reply(status_text() + ": expected 2xx (redirects are not followed)", effect_));
    }
    return with_status(call_error(code_of_4xx(), status_text()));
  }

  const char* code_of_4xx() const {
    switch (response_.status) {
      case 401:
      case 403: return "not_configured";
      case 404: return declares("not_found") ? "not_found" : "refused";
      case 409: return declares("conflict") ? "conflict" : "refused";
      case 400:
      case 422: return "invalid_input";
      default: return "refused";
    }
  }

  const machine::OperationDecl& operation_;
  const Effect effect_;
  const HttpResponse& response_;
  const std::optional<Duration> retry_after_;
  std::string body_fault_;
  const Value value_;
  const CallView view_;
};

}  // namespace

Effect effect_of(const machine::OperationDecl& operation) {
  return operation.read_only ? Effect::reads : Effect::changes;
}

ports::CallReply read_answer(const machine::OperationDecl& operation,
                             const types::Value& input,
                             const HttpResponse& response,
                             Timestamp now) {
  return Reader(operation, input, response, now).read();
}

}  // namespace vozex::http
