// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/paypal/authority.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "api/sandbox/world/world.h"
#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr const char* k_name = "messageverificationcerts.sandbox.paypal.com";
constexpr long k_day = 24 * 3600;
constexpr int k_bits = 2048;

template <auto release>
struct Release {
  template <class T>
  void operator()(T* it) const {
    release(it);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Release<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

void extend(X509& certificate, X509& issuer, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, what, value));
  VOZEX_ASSERT(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

// A version 3 certificate of `key`, valid from yesterday for a year, not yet signed.
CertificatePtr draft(EVP_PKEY& key, const char* name, long serial) {
  CertificatePtr made(X509_new());
  VOZEX_ASSERT(made != nullptr && X509_set_version(made.get(), 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -k_day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 365 * k_day);
  X509_set_pubkey(made.get(), &key);
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  return made;
}

std::string pem_of(X509& certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  VOZEX_ASSERT(bio != nullptr && PEM_write_bio_X509(bio.get(), &certificate) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

struct Authority::Parts {
  KeyPtr root_key;
  CertificatePtr root;
  KeyPtr leaf_key;
  CertificatePtr leaf;
  std::string name;
};

Authority::Authority() : parts_(std::make_unique<Parts>()) {
  parts_->root_key.reset(EVP_EC_gen("P-256"));
  parts_->root = draft(*parts_->root_key, "VOZEX sandbox", 1);
  X509& root = *parts_->root;
  X509_set_issuer_name(&root, X509_get_subject_name(&root));
  extend(root, root, NID_basic_constraints, "critical,CA:TRUE");
  extend(root, root, NID_key_usage, "critical,keyCertSign,cRLSign");
  VOZEX_ASSERT(X509_sign(&root, parts_->root_key.get(), EVP_sha256()) > 0);
}

Authority::~Authority() = default;

// An RSA key takes a moment: made when it is first needed.
void Authority::need_leaf() {
  if (parts_->leaf != nullptr) return;
  parts_->leaf_key.reset(EVP_RSA_gen(k_bits));
  parts_->leaf = draft(*parts_->leaf_key, k_name, 2);
  X509& leaf = *parts_->leaf;
  X509_set_issuer_name(&leaf, X509_get_subject_name(parts_->root.get()));
  extend(leaf, *parts_->root, NID_basic_constraints, "critical,CA:FALSE");
  extend(leaf, *parts_->root, NID_subject_alt_name, (std::string("DNS:") + k_name).c_str());
  VOZEX_ASSERT(X509_sign(&leaf, parts_->root_key.get(), EVP_sha256()) > 0);
  parts_->name = "CERT-" + random_letters("0123456789abcdef", 8);
}

std::string Authority::root() const { return pem_of(*parts_->root); }

std::string Authority::certificate() {
  need_leaf();
  return pem_of(*parts_->leaf);
}

std::string Authority::name() {
  need_leaf();
  return parts_->name;
}

std::string Authority::sign(const std::string& text) {
  need_leaf();
  const DigestPtr digest(EVP_MD_CTX_new());
  std::string signature(k_bits / 8, '\0');
  std::size_t size = signature.size();
  VOZEX_ASSERT(digest != nullptr &&
               EVP_DigestSignInit(
                   digest.get(), nullptr, EVP_sha256(), nullptr, parts_->leaf_key.get()) == 1 &&
               EVP_DigestSign(digest.get(),
                              reinterpret_cast<unsigned char*>(signature.data()),
                              &size,
                              reinterpret_cast<const unsigned char*>(text.data()),
                              text.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace vozex::sandbox
