// SPDX-License-Identifier: Apache-2.0
// Tables of adapters that are carried out over HTTP.
#include <array>

#include "engine/language/grammar.h"

namespace vozex::language::grammar {
namespace {

constexpr std::array<std::string_view, 6> k_methods{
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

constexpr Form k_method_form{.shapes = k_text, .text = Content::choice, .words = k_methods};
constexpr Form k_auth_form{.shapes = k_map, .keys = &http_auth};
constexpr Form k_basic_form{.shapes = k_map, .keys = &http_basic};
constexpr Form k_one_answer{.shapes = k_map, .keys = &http_answer};

constexpr KeySpec k_http_keys[] = {
    {"base",
     &forms::text,
     "Where paths begin: https, a host, perhaps a path. The installation may name another one; "
     "without `base` it must."},
    {"auth",
     &k_auth_form,
     "How requests show who asks: one of `bearer`, `basic`, or `header` with `secret`.",
     "auth: {bearer: EXAMPLE_KEY}"},
    {"headers", &forms::member_values, "Headers of every request."},
    {"timeout", &forms::duration, "Of one request, if the call's own is not shorter."},
    {"doc", &forms::text, "What service it is."},
};

constexpr KeySpec k_auth_keys[] = {
    {"bearer", &forms::name, "Name of the secret that is sent as `Authorization: Bearer`."},
    {"basic",
     &k_basic_form,
     "User and password of `Authorization: Basic`.",
     "basic: {user: shop, password: EXAMPLE_PASSWORD}"},
    {"header", &forms::text, "The header that carries `secret`."},
    {"secret", &forms::name, "Name of the secret that `header` carries."},
};

constexpr KeySpec k_basic_keys[] = {
    {.name = "user", .form = &forms::text, .doc = "The user.", .required = true},
    {.name = "password",
     .form = &forms::name,
     .doc = "Name of the secret that is the password.",
     .required = true},
};

constexpr KeySpec k_request_keys[] = {
    {.name = "method", .form = &k_method_form, .doc = "The method.", .required = true},
    {.name = "path",
     .form = &forms::input_text,
     .doc = "Behind the base, beginning with `/`. Each `${...}` is percent-encoded.",
     .required = true},
    {"query",
     &forms::member_values,
     "Parameters of the query; an absent optional leaves its parameter out, a list repeats it.",
     "query: {page: \"${input.page}\"}"},
    {"headers", &forms::member_values, "Headers; an absent optional leaves its header out."},
    {"body", &forms::value, "What is sent as JSON: a tree of literals and `${...}`."},
    {"form", &forms::member_values, "What is sent as a form instead, encoded like a query."},
};

constexpr KeySpec k_answer_keys[] = {
    {"output",
     &forms::value,
     "What the operation gives, over `response.status`, `response.headers` and `response.body`; "
     "`${response.body}` when there is neither `output` nor `error`."},
    {"error", &forms::text, "It failed, with this code: one of `errors`, or one of every call's."},
    {"message", &forms::value, "What people read about the failure."},
    {"retryable", &forms::boolean, "The request did nothing and may succeed when sent again."},
    {"doc", &forms::text, "When the service answers so."},
};

}  // namespace

constinit const Schema http{"`http`", "http", k_http_keys};
constinit const Schema http_auth{"`auth`", "http_auth", k_auth_keys};
constinit const Schema http_basic{"`basic`", "http_basic", k_basic_keys};
constinit const Schema http_request{"`request`", "http_request", k_request_keys};
constinit const Schema http_answer{"an answer", "http_answer", k_answer_keys};

namespace forms {
constinit const Form http{.shapes = k_map, .keys = &grammar::http};
constinit const Form http_request{.shapes = k_map, .keys = &grammar::http_request};
constinit const Form http_answers{.shapes = k_map, .entry = &k_one_answer};
}  // namespace forms

constinit const std::span<const std::string_view> k_method_words{k_methods};

}  // namespace vozex::language::grammar
