// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/function.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/base/assert.h"

namespace vozex::expr {
namespace {

struct Row {
  Fn fn;
  std::string_view name;
  std::string_view signatures;  // separated by ';', without the function's name
};

// `T.(..) R` is a method of T, `(..) R` a function; `*` after a parameter: it may repeat.
constexpr std::string_view k_comparison =
    "(bool, bool) bool; (int, int) bool; (uint, uint) bool; (double, double) bool; (string, "
    "string) bool;"
    "(bytes, bytes) bool; (timestamp, timestamp) bool; (duration, duration) bool; (money, money) "
    "bool";
constexpr std::string_view k_from_timestamp = "timestamp.() int; timestamp.(string) int";
constexpr std::string_view k_from_both =
    "timestamp.() int; timestamp.(string) int; duration.() int";
constexpr std::string_view k_extreme = "(list<A>) A; (A) A; (A, A) A; (dyn, dyn*) dyn";
constexpr std::string_view k_bits = "(int, int) int; (uint, uint) uint";

constexpr std::array k_rows{
    Row{Fn::add,
        "_+_",
        "(int, int) int; (uint, uint) uint; (double, double) double; (string, string) string; "
        "(bytes, bytes) bytes;"
        "(list<A>, list<A>) list<A>; (timestamp, duration) timestamp; (duration, timestamp) "
        "timestamp;"
        "(duration, duration) duration; (money, money) money"},
    Row{Fn::subtract,
        "_-_",
        "(int, int) int; (uint, uint) uint; (double, double) double; (timestamp, timestamp) "
        "duration;"
        "(timestamp, duration) timestamp; (duration, duration) duration; (money, money) money"},
    Row{Fn::multiply, "_*_", "(int, int) int; (uint, uint) uint; (double, double) double"},
    Row{Fn::divide, "_/_", "(int, int) int; (uint, uint) uint; (double, double) double"},
    Row{Fn::modulo, "_%_", "(int, int) int; (uint, uint) uint"},
    Row{Fn::negate, "-_", "(int) int; (double) double"},
    Row{Fn::logical_not, "!_", "(bool) bool"},
    Row{Fn::equal, "_==_", "(A, A) bool"},
    Row{Fn::not_equal, "_!=_", "(A, A) bool"},
    Row{Fn::less, "_<_", k_comparison},
    Row{Fn::less_equal, "_<=_", k_comparison},
    Row{Fn::greater, "_>_", k_comparison},
    Row{Fn::greater_equal, "_>=_", k_comparison},
    Row{Fn::in, "@in", "(A, list<A>) bool; (A, map<A, B>) bool"},
    Row{Fn::index,
        "_[_]",
        "(list<A>, int) A; (map<A, B>, A) B; (optional<list<A>>, int) optional<A>;"
        "(optional<map<A, B>>, A) optional<B>"},
    Row{Fn::optional_index,
        "_[?_]",
        "(list<A>, int) optional<A>; (map<A, B>, A) optional<B>; (optional<list<A>>, int) "
        "optional<A>;"
        "(optional<map<A, B>>, A) optional<B>"},
    Row{Fn::conditional, "_?_:_", "(bool, A, A) A"},
    Row{Fn::size,
        "size",
        "(string) int; (bytes) int; (list<A>) int; (map<A, B>) int;"
        "string.() int; bytes.() int; list<A>.() int; map<A, B>.() int"},
    Row{Fn::contains, "contains", "string.(string) bool"},
    Row{Fn::starts_with, "startsWith", "string.(string) bool"},
    Row{Fn::ends_with, "endsWith", "string.(string) bool"},
    Row{Fn::matches, "matches", "string.(string) bool; (string, string) bool"},
    Row{Fn::to_bool, "bool", "(bool) bool; (string) bool"},
    Row{Fn::to_bytes, "bytes", "(bytes) bytes; (string) bytes"},
    Row{Fn::to_double, "double", "(double) double; (int) double; (uint) double; (string) double"},
    Row{Fn::to_int,
        "int",
        "(int) int; (uint) int; (double) int; (string) int; (timestamp) int; (duration) int"},
    Row{Fn::to_string,
        "string",
        "(string) string; (bool) string; (int) string; (uint) string; (double) string; (bytes) "
        "string;"
        "(timestamp) string; (duration) string"},
    Row{Fn::to_uint, "uint", "(uint) uint; (int) uint; (double) uint; (string) uint"},
    Row{Fn::to_type, "type", "(A) type"},
    Row{Fn::to_dyn, "dyn", "(A) dyn"},
    Row{Fn::to_timestamp,
        "timestamp",
        "(timestamp) timestamp; (string) timestamp; (int) timestamp"},
    Row{Fn::to_duration, "duration", "(duration) duration; (string) duration; (int) duration"},
    Row{Fn::get_date, "getDate", k_from_timestamp},
    Row{Fn::get_day_of_month, "getDayOfMonth", k_from_timestamp},
    Row{Fn::get_day_of_week, "getDayOfWeek", k_from_timestamp},
    Row{Fn::get_day_of_year, "getDayOfYear", k_from_timestamp},
    Row{Fn::get_full_year, "getFullYear", k_from_timestamp},
    Row{Fn::get_hours, "getHours", k_from_both},
    Row{Fn::get_milliseconds, "getMilliseconds", k_from_both},
    Row{Fn::get_minutes, "getMinutes", k_from_both},
    Row{Fn::get_month, "getMonth", k_from_timestamp},
    Row{Fn::get_seconds, "getSeconds", k_from_both},
    Row{Fn::char_at, "charAt", "string.(int) string"},
    Row{Fn::index_of, "indexOf", "string.(string) int; string.(string, int) int"},
    Row{Fn::last_index_of, "lastIndexOf", "string.(string) int; string.(string, int) int"},
    Row{Fn::join, "join", "list<string>.() string; list<string>.(string) string"},
    Row{Fn::lower_ascii, "lowerAscii", "string.() string"},
    Row{Fn::upper_ascii, "upperAscii", "string.() string"},
    Row{Fn::replace,
        "replace",
        "string.(string, string) string; string.(string, string, int) string"},
    Row{Fn::split, "split", "string.(string) list<string>; string.(string, int) list<string>"},
    Row{Fn::substring, "substring", "string.(int) string; string.(int, int) string"},
    Row{Fn::trim, "trim", "string.() string"},
    Row{Fn::format, "format", "string.(list<dyn>) string"},
    Row{Fn::quote, "strings.quote", "(string) string"},
    Row{Fn::reverse, "reverse", "string.() string"},
    Row{Fn::greatest, "math.greatest", k_extreme},
    Row{Fn::least, "math.least", k_extreme},
    Row{Fn::ceil, "math.ceil", "(double) double"},
    Row{Fn::floor, "math.floor", "(double) double"},
    Row{Fn::round, "math.round", "(double) double"},
    Row{Fn::trunc, "math.trunc", "(double) double"},
    Row{Fn::abs, "math.abs", "(int) int; (uint) uint; (double) double"},
    Row{Fn::sign, "math.sign", "(int) int; (uint) uint; (double) double"},
    Row{Fn::is_nan, "math.isNaN", "(double) bool"},
    Row{Fn::is_inf, "math.isInf", "(double) bool"},
    Row{Fn::is_finite, "math.isFinite", "(double) bool"},
    Row{Fn::bit_and, "math.bitAnd", k_bits},
    Row{Fn::bit_or, "math.bitOr", k_bits},
    Row{Fn::bit_xor, "math.bitXor", k_bits},
    Row{Fn::bit_not, "math.bitNot", "(int) int; (uint) uint"},
    Row{Fn::shift_left, "math.bitShiftLeft", "(int, int) int; (uint, int) uint"},
    Row{Fn::shift_right, "math.bitShiftRight", "(int, int) int; (uint, int) uint"},
    Row{Fn::sqrt, "math.sqrt", "(double) double; (int) double; (uint) double"},
    Row{Fn::base64_encode, "base64.encode", "(bytes) string"},
    Row{Fn::base64_decode, "base64.decode", "(string) bytes"},
    Row{Fn::optional_of, "optional.of", "(A) optional<A>"},
    Row{Fn::optional_none, "optional.none", "() optional<A>"},
    Row{Fn::optional_of_non_zero, "optional.ofNonZeroValue", "(A) optional<A>"},
    Row{Fn::has_value, "hasValue", "optional<A>.() bool"},
    Row{Fn::value, "value", "optional<A>.() A; A.() A"},
    Row{Fn::or_optional, "or", "optional<A>.(optional<A>) optional<A>"},
    Row{Fn::or_value, "orValue", "optional<A>.(A) A"},
    Row{Fn::unwrap, "optional.unwrap", "(list<optional<A>>) list<A>"},
    Row{Fn::unwrap, "unwrapOpt", "list<optional<A>>.() list<A>"},
    Row{Fn::sum,
        "sum",
        "list<int>.() int; list<uint>.() uint; list<double>.() double; list<money>.() money"},
    Row{Fn::slice, "slice", "list<A>.(int) list<A>; list<A>.(int, int) list<A>"},
    Row{Fn::keys, "keys", "map<A, B>.() list<A>"},
    Row{Fn::values, "values", "map<A, B>.() list<B>"},
    Row{Fn::scale, "scale", "money.(int, int) money"},
    Row{Fn::add_period,
        "add",
        "timestamp.(string) timestamp; timestamp.(string, int) timestamp; timestamp.(string, int, "
        "string) timestamp"},
    Row{Fn::in_state, "in_state", "(string) bool"},
};

// A signature's text from left to right.
class SignatureReader {
 public:
  SignatureReader(TyArena& arena, std::string_view text) : arena_(arena), text_(text) {}

  bool read(Overload& out) {
    blanks();
    if (peek() != '(') {
      out.member = true;
      out.params.push_back(type());
      if (!take('.')) return false;
      while (at_ < text_.size() && text_[at_] != '(') ++at_;  // a name, when one is given
    }
    if (!take('(')) return false;
    blanks();
    while (peek() != ')') {
      out.params.push_back(type());
      if (take('*')) out.variadic = true;
      blanks();
      if (!take(',')) break;
    }
    if (!take(')')) return false;
    out.result = type();
    blanks();
    return ok_ && at_ == text_.size();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (peek() == ' ') ++at_;
  }
  bool take(char wanted) {
    blanks();
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  const Ty* type() {
    blanks();
    const std::size_t begin = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '_') ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    std::vector<const Ty*> parts;
    if (take('<')) {
      do {
        parts.push_back(type());
      } while (take(','));
      if (!take('>')) ok_ = false;
    }
    if (name.empty()) ok_ = false;
    return make(name, std::move(parts));
  }

  const Ty* make(const std::string& name, std::vector<const Ty*> parts) {
    if (name == "list" && parts.size() == 1) return arena_.list(parts[0]);
    if (name == "map" && parts.size() == 2) return arena_.map(parts[0], parts[1]);
    if ((name == "optional" || name == "optional_type") && parts.size() == 1)
      return arena_.optional(parts[0]);
    if (!name.empty() && parts.empty() && std::isupper(static_cast<unsigned char>(name[0])) != 0) {
      return arena_.param(name);
    }
    for (int kind = 0; kind <= static_cast<int>(Ty::Kind::type); ++kind) {
      const Ty* simple = simple_ty(static_cast<Ty::Kind>(kind));
      const bool parted = simple->kind == Ty::Kind::list || simple->kind == Ty::Kind::map ||
                          simple->kind == Ty::Kind::optional || simple->kind == Ty::Kind::object ||
                          simple->kind == Ty::Kind::enumeration;
      if (!parted && parts.empty() && spec_text(*simple) == name) return simple;
    }
    return arena_.opaque(name, std::move(parts));
  }

  TyArena& arena_;
  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Catalogue {
  TyArena arena;
  std::deque<FunctionDecl> functions;

  Catalogue() {
    for (const Row& row : k_rows) {
      FunctionDecl& decl = functions.emplace_back();
      decl.name = row.name;
      decl.fn = row.fn;
      std::string_view rest = row.signatures;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        VOZEX_ASSERT(add_signature(decl, arena, rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }
};

const Catalogue& catalogue() {
  static const Catalogue k_all;
  return k_all;
}

}  // namespace

const std::deque<FunctionDecl>& all_functions() { return catalogue().functions; }

const FunctionDecl* find_function(std::string_view name) {
  const auto& all = all_functions();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const FunctionDecl& d) { return d.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const FunctionDecl& function_of(Fn fn) {
  const auto& all = all_functions();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const FunctionDecl& d) { return d.fn == fn; });
  VOZEX_ASSERT(found != all.end());
  return *found;
}

bool is_function_namespace(std::string_view name) {
  const auto& all = all_functions();
  return std::any_of(all.begin(), all.end(), [&](const FunctionDecl& d) {
    return d.name.size() > name.size() && d.name[name.size()] == '.' && d.name.starts_with(name);
  });
}

std::string_view operator_text(Fn fn) {
  for (const Row& row : k_rows) {
    if (row.fn != fn) continue;
    if (fn == Fn::in) return "in";
    if (fn == Fn::index) return "[]";
    if (fn == Fn::optional_index) return "[?]";
    if (fn == Fn::conditional) return "?:";
    if (row.name.find('_') == std::string_view::npos || fn == Fn::in_state) return {};
    std::string_view text = row.name;
    if (text.front() == '_') text.remove_prefix(1);
    if (text.back() == '_') text.remove_suffix(1);
    return text;
  }
  return {};
}

bool add_signature(FunctionDecl& decl, TyArena& arena, std::string_view signature) {
  Overload overload;
  const bool ok = SignatureReader(arena, signature).read(overload);
  decl.overloads.push_back(std::move(overload));
  return ok;
}

std::string signature_text(const FunctionDecl& decl, const Overload& overload) {
  const auto text = [](const Ty* type) -> std::string {
    const auto open = [](const Ty* part) {
      return part->kind == Ty::Kind::param || part->kind == Ty::Kind::dyn;
    };
    if (open(type)) return "value";
    if (type->parts.empty() || !std::all_of(type->parts.begin(), type->parts.end(), open))
      return to_string(*type);
    return type->kind == Ty::Kind::list ? "list" : type->kind == Ty::Kind::map ? "map" : "optional";
  };
  std::string out;
  std::size_t first = 0;
  if (overload.member) {
    out = text(overload.params[0]) + ".";
    first = 1;
  }
  out += decl.name + "(";
  for (std::size_t i = first; i < overload.params.size(); ++i) {
    out += (i == first ? "" : ", ") + text(overload.params[i]);
  }
  return out + ")";
}

}  // namespace vozex::expr
