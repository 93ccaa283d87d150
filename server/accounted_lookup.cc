#include "server/accounted_lookup.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/call_gate.h"
#include "server/enrich_counter.h"
#include "server/lookup_options.h"
#include "server/rpc_status.h"
#include "server/similar_pictures.h"

namespace portrait {
namespace {

LookupResults AllFailed(absl::Span<const LookupItem> items,
                        const v1::LookupError& error) {
  LookupResults results;
  for (const LookupItem& item : items) results.AddError(item.tag, error);
  return results;
}

}  // namespace

AccountedLookup::AccountedLookup(const Backends& backends, Principal caller,
                                 ResultSink& call)
    : backends_(backends),
      caller_(std::move(caller)),
      account_(backends.tenants.AccountOf(caller_.tenant)),
      audit_(std::make_shared<LookupAudit>(backends.audit, caller_)),
      call_(call) {}

AccountedLookup::~AccountedLookup() {
  account_->GiveBack(granted_);
  if (is_counted_) backends_.waiting_lookups->Remove(caller_.tenant);
}

absl::StatusOr<LookupRequest> AccountedLookup::Parse(
    const v1::LookupOptions& options) const {
  // This is checked first, so that a caller without the right cannot find out
  // which names exist.
  if (!options.session().empty()) {
    RETURN_IF_ERROR(CheckRight(caller_, v1::RIGHT_PIN_SESSION));
  }
  ASSIGN_OR_RETURN(LookupRequest request,
                   ParseLookupOptions(options, backends_.sessions));
  request.tenant = account_->tenant();
  request.tenant_number = caller_.tenant_number;
  // A caller that may not choose the account does not learn its name or number.
  request.tells_accounts = caller_.rights.Has(v1::RIGHT_PIN_SESSION);
  return request;
}

absl::Status AccountedLookup::SetImages(const v1::LookupOptions& options,
                                        bool urgent) {
  if (!v1::ImageWish_IsValid(options.images())) {
    return InvalidField("options.images",
                        absl::StrCat(options.images(), " is not an ImageWish"));
  }
  if (backends_.images == nullptr) return absl::OkStatus();
  images_ = options.images();
  if (images_ == v1::IMAGE_WISH_UNSPECIFIED) {
    images_ = backends_.images->fetches_all() ? v1::IMAGE_WISH_KEEP
                                              : v1::IMAGE_WISH_NONE;
  } else if (images_ != v1::IMAGE_WISH_NONE) {
    RETURN_IF_ERROR(CheckRight(caller_, v1::RIGHT_IMAGES));
  }
  images_are_previews_ = options.size() == v1::PICTURE_SIZE_PREVIEW;
  counts_sharing_ = options.shared_by() && !images_are_previews_;
  if (counts_sharing_) {
    RETURN_IF_ERROR(CheckRight(caller_, v1::RIGHT_IMAGES));
    RETURN_IF_ERROR(CheckRight(caller_, v1::RIGHT_LIKENESS));
    images_ = v1::IMAGE_WISH_WAIT;
  }
  images_are_urgent_ = urgent;
  return absl::OkStatus();
}

ImageFetching AccountedLookup::Fetching() const {
  ImageFetching fetching = {
      backends_.images->keeper(),
      backends_.images->waits(),
      account_->tenant(),
      images_are_previews_,
      images_are_urgent_ && images_ == v1::IMAGE_WISH_WAIT,
      nullptr};
  if (counts_sharing_) {
    fetching.describe =
        [&backends = backends_, tenant = account_->tenant(),
         view = TenantView::Of(caller_, backends_.isolates_tenants)](
            const StoredImage& image,
            const std::function<void(v1::ProfilePicture)>& done) {
          const auto search = [&backends, view, image, done] {
            v1::ProfilePicture found;
            CountSharing(backends.images->vault().index(), backends.store, view,
                         image, &found);
            done(std::move(found));
          };
          // If too many wait, the thread that keeps images searches, so that
          // fewer images are kept until the searches have caught up.
          if (!backends.images->PostSearch(tenant, search)) search();
        };
  }
  return fetching;
}

absl::Status AccountedLookup::AskUrgent(
    const v1::LookupOptions& options, LookupItem item, absl::Time deadline,
    const std::shared_ptr<ResultSink>& call) {
  ASSIGN_OR_RETURN(LookupRequest request, Parse(options));
  RETURN_IF_ERROR(SetImages(options, /*urgent=*/true));
  request.urgent = true;
  request.deadline = deadline;
  RETURN_IF_ERROR(backends_.waiting_lookups->Add(caller_.tenant));
  is_counted_ = true;
  ASSIGN_OR_RETURN(const TenantAccount::Admission admission,
                   account_->Admit(1, TenantAccount::Pace::kUrgent));
  if (admission.granted == 0) {
    const v1::LookupError error = admission.over_quota > 0
                                      ? account_->QuotaError()
                                      : account_->RateError();
    Refuse(std::make_shared<const LookupRequest>(std::move(request)),
           {std::move(item)}, error);
    return ToStatus(error);
  }
  std::vector<LookupItem> items;
  items.push_back(std::move(item));
  Submit(std::make_shared<const LookupRequest>(std::move(request)),
         std::move(items), call);
  return absl::OkStatus();
}

absl::Status AccountedLookup::SetBulkOptions(const v1::LookupOptions& options,
                                             absl::Time deadline) {
  ASSIGN_OR_RETURN(LookupRequest request, Parse(options));
  RETURN_IF_ERROR(SetImages(options, /*urgent=*/false));
  request.deadline = deadline;
  absl::MutexLock lock(&mu_);
  bulk_ = std::make_shared<const LookupRequest>(std::move(request));
  return absl::OkStatus();
}

std::shared_ptr<const LookupRequest> AccountedLookup::bulk() const {
  absl::MutexLock lock(&mu_);
  return bulk_;
}

bool AccountedLookup::HasBulkOptions() const { return bulk() != nullptr; }

std::string AccountedLookup::bulk_session() const {
  const std::shared_ptr<const LookupRequest> request = bulk();
  return request == nullptr ? "" : request->session;
}

LookupResults AccountedLookup::Refuse(
    std::shared_ptr<const LookupRequest> request, std::vector<LookupItem> items,
    const v1::LookupError& error) {
  LookupResults refused = AllFailed(items, error);
  UsageCounts usage;
  for (const ResultFacts& facts : refused.facts()) usage += UsageOf(facts);
  backends_.metrics.CountLookups(refused);
  account_->Settle(0, usage);
  if (audit_->is_on()) {
    audit_->Asked(items.size());
    // The audit outlives this call, and writes its line in the end.
    backends_.store_threads.Post(caller_.tenant,
                                 [audit = audit_, request = std::move(request),
                                  items = std::move(items), refused] {
                                   audit->Parse(*request, items);
                                   audit->Answered(refused);
                                 });
  }
  return refused;
}

LookupResults AccountedLookup::RefuseForRate(std::vector<LookupItem> waiting) {
  return Refuse(bulk(), std::move(waiting), account_->RateError());
}

// With an audit log the results wait for the tenant's turn, in which the
// contacts are parsed: a stream of them must not get ahead of that.
void AccountedLookup::RefuseOverQuota(
    std::shared_ptr<const LookupRequest> request, std::vector<LookupItem> items,
    const std::shared_ptr<ResultSink>& call) {
  audit_->Asked(items.size());
  auto refuse = [this, call, request = std::move(request),
                 items = std::move(items), error = account_->QuotaError()] {
    audit_->Parse(*request, items);
    OnResults(AllFailed(items, error));
  };
  if (audit_->is_on()) {
    backends_.store_threads.Post(caller_.tenant, std::move(refuse));
  } else {
    refuse();
  }
}

absl::StatusOr<std::vector<LookupItem>> AccountedLookup::AskBulk(
    std::vector<LookupItem> items, const std::shared_ptr<ResultSink>& call) {
  ASSIGN_OR_RETURN(const TenantAccount::Admission admission,
                   account_->Admit(items.size(), TenantAccount::Pace::kBulk));
  std::shared_ptr<const LookupRequest> request = bulk();
  // The order is: granted, waiting, over the quota.
  const auto move_tail = [&items](size_t first) {
    const auto begin = items.begin() + static_cast<ptrdiff_t>(first);
    std::vector<LookupItem> tail(std::make_move_iterator(begin),
                                 std::make_move_iterator(items.end()));
    items.erase(begin, items.end());
    return tail;
  };
  std::vector<LookupItem> over = move_tail(items.size() - admission.over_quota);
  std::vector<LookupItem> waiting = move_tail(admission.granted);
  if (!over.empty()) RefuseOverQuota(request, std::move(over), call);
  if (items.empty()) return waiting;
  Submit(std::move(request), std::move(items), call);
  return waiting;
}

void AccountedLookup::Submit(std::shared_ptr<const LookupRequest> request,
                             std::vector<LookupItem> items,
                             const std::shared_ptr<ResultSink>& call) {
  {
    absl::MutexLock lock(&mu_);
    granted_ += items.size();
    waiting_call_ = call;
  }
  audit_->Asked(items.size());
  // The pointer keeps the call alive, and this object is a part of the call.
  backends_.engine.Lookup(std::move(request), std::move(items),
                          std::shared_ptr<ResultSink>(call, this));
}

void AccountedLookup::Settle(size_t granted, const UsageCounts& results) {
  {
    absl::MutexLock lock(&mu_);
    granted_ -= std::min(granted_, granted);
  }
  account_->Settle(granted, results);
}

void AccountedLookup::OnResults(LookupResults results) {
  backends_.metrics.CountLookups(results);
  audit_->Answered(results);
  if (is_counted_) audit_->End();  // AskUrgent looks up one contact only
  if (images_ == v1::IMAGE_WISH_WAIT) {
    std::weak_ptr<ResultSink> call;
    {
      absl::MutexLock lock(&mu_);
      call = waiting_call_;
    }
    return SendWithImages(Fetching(), std::move(results), std::move(call));
  }
  if (images_ == v1::IMAGE_WISH_KEEP) KeepImagesOf(Fetching(), results);
  call_.OnResults(std::move(results));
}

}  // namespace portrait
