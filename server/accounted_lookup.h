// AccountedLookup is the only way from a caller to the lookup engine, whatever
// the protocol of the call: gRPC, HTTP, another node. It
//   - admits contacts by the tenant's quota and rate,
//   - passes the tenant to the engine, for the enumeration guard and for the
//     scheduler's fair shares,
//   - counts every result in the metrics and writes it to the audit log,
//   - settles the tenant's usage when a result is sent, and returns the grants
//     of results that were never sent.
// Another protocol reads its requests, calls AskUrgent or AskBulk, and writes
// the results that OnResults passes to it. It calls Settle when it sends them.
#ifndef PORTRAIT_SERVER_ACCOUNTED_LOOKUP_H_
#define PORTRAIT_SERVER_ACCOUNTED_LOOKUP_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/access/access_control.h"
#include "core/access/tenant_account.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/backends.h"
#include "server/image_wait.h"
#include "server/lookup_audit.h"

namespace portrait {

// The lookups of one call. Thread-safe. It is a member of the object that
// represents the call; that object receives the results.
class AccountedLookup final : public ResultSink {
 public:
  // `backends` is borrowed. `call` owns this object.
  AccountedLookup(const Backends& backends, Principal caller, ResultSink& call);
  ~AccountedLookup() override;

  // Looks up one contact for a caller that waits until `deadline`. The result
  // may arrive before this returns. The owners of `call` share it: the result
  // is dropped once the last owner has released it.
  //
  // Errors: INVALID_ARGUMENT naming the field of `options`; PERMISSION_DENIED
  // (a session without the right to choose it); RESOURCE_EXHAUSTED (the quota
  // or the rate; already accounted for, there is no result); those of the
  // store.
  absl::Status AskUrgent(const v1::LookupOptions& options, LookupItem item,
                         absl::Time deadline,
                         const std::shared_ptr<ResultSink>& call);

  // Sets the options that all contacts of a stream or batch share; call it
  // before the first AskBulk. Contacts that are not answered by `deadline` get
  // an error result.
  //
  // Errors: INVALID_ARGUMENT naming the field, PERMISSION_DENIED as above.
  absl::Status SetBulkOptions(const v1::LookupOptions& options,
                              absl::Time deadline = absl::InfiniteFuture());
  bool HasBulkOptions() const;
  // The WhatsApp account that the stream requires; empty: any.
  std::string bulk_session() const;

  // Looks up contacts of a stream. Contacts beyond the quota get a
  // QUOTA_EXCEEDED result at once. Returns the contacts that must wait for the
  // tenant's rate, in order: call it again with them later.
  //
  // Errors: those of the store; no contact was then looked up.
  absl::StatusOr<std::vector<LookupItem>> AskBulk(
      std::vector<LookupItem> items, const std::shared_ptr<ResultSink>& call);

  // Returns RATE_LIMITED results for contacts that AskBulk returned and that
  // cannot wait any longer. They are already accounted for.
  LookupResults RefuseForRate(std::vector<LookupItem> waiting);

  // Call it when `results` are about to be sent; `granted` of them were not
  // refused for the quota. Blocks on the store once a month.
  void Settle(size_t granted, const UsageCounts& results);

  // Called by the engine.
  void OnContact(const Contact& contact) override { audit_->Parsed(contact); }
  // Accounts for the results and passes them to the call.
  void OnResults(LookupResults results) override;

 private:
  absl::StatusOr<LookupRequest> Parse(const v1::LookupOptions& options) const;
  void Submit(std::shared_ptr<const LookupRequest> request,
              std::vector<LookupItem> items,
              const std::shared_ptr<ResultSink>& call);
  LookupResults Refuse(std::shared_ptr<const LookupRequest> request,
                       std::vector<LookupItem> items,
                       const v1::LookupError& error);
  void RefuseOverQuota(std::shared_ptr<const LookupRequest> request,
                       std::vector<LookupItem> items,
                       const std::shared_ptr<ResultSink>& call);
  // Null before SetBulkOptions.
  std::shared_ptr<const LookupRequest> bulk() const;

  // What the request says about images, once the caller may have them.
  absl::Status SetImages(const v1::LookupOptions& options, bool urgent);
  ImageFetching Fetching() const;

  const Backends& backends_;
  const Principal caller_;
  const std::shared_ptr<TenantAccount> account_;
  const std::shared_ptr<LookupAudit> audit_;
  ResultSink& call_;

  mutable absl::Mutex mu_;
  std::shared_ptr<const LookupRequest> bulk_ ABSL_GUARDED_BY(mu_);  // or null
  size_t granted_ ABSL_GUARDED_BY(mu_) = 0;  // granted and not settled yet
  bool is_counted_ = false;                  // as a waiting lookup of AskUrgent

  // Set before the first lookup.
  v1::ImageWish images_ = v1::IMAGE_WISH_NONE;
  bool images_are_previews_ = false;
  bool images_are_urgent_ = false;
  bool counts_sharing_ = false;
  std::weak_ptr<ResultSink> waiting_call_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ACCOUNTED_LOOKUP_H_
