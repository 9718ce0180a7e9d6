/* SPDX-License-Identifier: BSD-2-Clause */
/* attributes.h - compiler attributes, empty where the compiler has none */
#ifndef SENDPASS_ATTRIBUTES_H
#define SENDPASS_ATTRIBUTES_H

#if defined(__GNUC__)
#define SP_NODISCARD         __attribute__((warn_unused_result))
#define SP_PRINTF(at, first) __attribute__((format(printf, at, first)))
#define SP_EXPORT            __attribute__((visibility("default")))
#else
#define SP_NODISCARD
#define SP_PRINTF(at, first)
#define SP_EXPORT
#endif

#endif
