// The project's only macros: they return early with the error of a call.
#ifndef PORTRAIT_CORE_BASE_STATUS_MACROS_H_
#define PORTRAIT_CORE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PORTRAIT_CONCAT_INNER(a, b) a##b
#define PORTRAIT_CONCAT(a, b) PORTRAIT_CONCAT_INNER(a, b)

#define PORTRAIT_RETURN_IF_ERROR_IMPL(keyword, expr)            \
  do {                                                          \
    if (absl::Status status_macro = (expr); !status_macro.ok()) \
      keyword status_macro;                                     \
  } while (false)

#define PORTRAIT_ASSIGN_OR_RETURN_IMPL(keyword, tmp, lhs, expr) \
  auto tmp = (expr);                                            \
  if (!tmp.ok()) keyword std::move(tmp).status();               \
  lhs = std::move(tmp).value()

// RETURN_IF_ERROR(DoIt());
#define RETURN_IF_ERROR(expr) PORTRAIT_RETURN_IF_ERROR_IMPL(return, expr)
// ASSIGN_OR_RETURN(const Jid jid, ParseJid(text));
#define ASSIGN_OR_RETURN(lhs, ...) \
  PORTRAIT_ASSIGN_OR_RETURN_IMPL(  \
      return, PORTRAIT_CONCAT(status_or_value_, __LINE__), lhs, (__VA_ARGS__))

// The same two macros for coroutines.
#define CO_RETURN_IF_ERROR(...) \
  PORTRAIT_RETURN_IF_ERROR_IMPL(co_return, (__VA_ARGS__))
#define CO_ASSIGN_OR_RETURN(lhs, ...)                                         \
  PORTRAIT_ASSIGN_OR_RETURN_IMPL(co_return,                                   \
                                 PORTRAIT_CONCAT(status_or_value_, __LINE__), \
                                 lhs, (__VA_ARGS__))

#endif  // PORTRAIT_CORE_BASE_STATUS_MACROS_H_
