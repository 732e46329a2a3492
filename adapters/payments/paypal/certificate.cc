// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <vector>

namespace vozex::payments {
namespace {

constexpr std::size_t k_max_certificates = 16;

template <auto release>
struct Release {
  template <class T>
  void operator()(T* it) const {
    release(it);
  }
};
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }

using X509Ptr = std::unique_ptr<X509, Release<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using ContextPtr = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free>>;
using StackPtr = std::unique_ptr<STACK_OF(X509), Release<free_stack>>;

std::vector<X509Ptr> read_pem(std::string_view pem) {
  std::vector<X509Ptr> out;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (bio != nullptr && out.size() < k_max_certificates) {
    X509Ptr one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) break;
    out.push_back(std::move(one));
  }
  ERR_clear_error();  // the end of the text is one, too
  return out;
}

Failure refused(const std::string& why) {
  return fail(ErrorClass::refused, "webhook_certificate_invalid", "PayPal's certificate " + why);
}

std::time_t seconds_of(Timestamp at) {
  return static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

// Nothing when the chain holds, else what is wrong with it.
std::string chain_fault(X509* leaf,
                        const std::vector<X509Ptr>& others,
                        const Certificate::Rules& rules) {
  const StorePtr store(X509_STORE_new());
  const ContextPtr context(X509_STORE_CTX_new());
  const StackPtr stack(sk_X509_new_null());
  if (store == nullptr || context == nullptr || stack == nullptr) return "can't be checked now";
  const int trusted = rules.ca_file.empty()
                          ? X509_STORE_set_default_paths(store.get())
                          : X509_STORE_load_file(store.get(), rules.ca_file.c_str());
  if (trusted != 1) {
    ERR_clear_error();
    return "can't be checked: no trusted roots are there";
  }
  for (const auto& other : others) sk_X509_push(stack.get(), other.get());
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf, stack.get()) != 1)
    return "can't be checked now";
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, seconds_of(rules.now));
  X509_VERIFY_PARAM_set_depth(param, 6);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(param, rules.host.data(), rules.host.size()) != 1)
    return "can't be checked now";
  const bool holds = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (holds) return {};
  return std::string("is not trusted: ") +
         X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

}  // namespace

struct Certificate::Parts {
  X509Ptr leaf;
  KeyPtr key;
};

Certificate::Certificate(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

Result<Certificate> Certificate::open(std::string_view pem, const Rules& rules) {
  auto chain = read_pem(pem);
  if (chain.empty()) return refused("is no PEM certificate");
  auto parts = std::make_unique<Parts>();
  parts->leaf = std::move(chain.front());
  chain.erase(chain.begin());
  for (auto& one : read_pem(rules.intermediates)) chain.push_back(std::move(one));
  if (const auto fault = chain_fault(parts->leaf.get(), chain, rules); !fault.empty())
    return refused(fault);
  parts->key.reset(X509_get_pubkey(parts->leaf.get()));
  if (parts->key == nullptr || EVP_PKEY_base_id(parts->key.get()) != EVP_PKEY_RSA)
    return refused("has no RSA key");
  return Certificate(std::move(parts));
}

bool Certificate::signed_by_it(std::string_view text, std::string_view signature) const {
  const DigestPtr digest(EVP_MD_CTX_new());
  const bool good =
      digest != nullptr &&
      EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, parts_->key.get()) == 1 &&
      EVP_DigestVerify(digest.get(),
                       reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) == 1;
  ERR_clear_error();
  return good;
}

bool Certificate::is_valid_at(Timestamp now) const {
  std::time_t at = seconds_of(now);
  return X509_cmp_time(X509_get0_notBefore(parts_->leaf.get()), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(parts_->leaf.get()), &at) > 0;
}

}  // namespace vozex::payments
