/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which settings there are and what each takes; settings.c holds values to it. */
#ifndef CORE_TASK_SETTINGS_TABLE_H
#define CORE_TASK_SETTINGS_TABLE_H

#include <imgrecog/settings.h>

enum ir_setting_key {
    KEY_ENDPOINT,
    KEY_PROFILE,
    KEY_REGION,
    KEY_MIN_CONFIDENCE,
    KEY_MAX_LABELS,
    KEY_FROM,
    KEY_INCLUDE_LABELS,
    KEY_EXCLUDE_LABELS,
    KEY_INCLUDE_CATEGORIES,
    KEY_EXCLUDE_CATEGORIES,
    KEY_VOCABULARY,
    KEY_VOCABULARY_ONLY,
    KEY_FAIL_BELOW,
    KEY_CLASS_NAMES,
    KEY_BUCKET,
    KEY_PREFIX,
    KEY_KEEP_OBJECT,
    KEY_PROPERTIES,
    KEY_MAX_COLORS,
    KEY_TEXT,
    KEY_FACES,
    KEY_LOOK_FOR,
    KEY_MODEL,
    KEY_LANGUAGE,
    KEY_CONTEXT,
    KEY_USE_METADATA,
    KEY_FROM_LABELS,
    KEY_MAX_TOKENS,
    KEY_EDIT,
    KEY_IMAGE_MODEL,
    KEY_NEGATIVE_PROMPT,
    KEY_SEARCH,
    KEY_WIDTH,
    KEY_HEIGHT,
    KEY_SEED,
    KEY_CFG_SCALE,
    KEY_STEPS,
    KEY_SAMPLER,
    KEY_CLIP_GUIDANCE_PRESET,
    KEY_STYLE_PRESET,
    KEY_STRENGTH,
    KEY_GROW_MASK,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_CREATIVITY,
    KEY_CONTROL_STRENGTH,
    KEY_FIDELITY,
    KEY_STYLE_STRENGTH,
    KEY_COMPOSITION_FIDELITY,
    KEY_CHANGE_STRENGTH,
    KEY_KEEP_PROMPT,
    KEY_PROMPT_WRITER,
    KEY_CONTENT_TYPE,
    KEY_STORAGE_CLASS,
    KEY_ENCRYPTION,
    KEY_KMS_KEY,
    KEY_EXPECTED_OWNER,
    KEY_CACHE_CONTROL,
    KEY_ONLY_IF_NEW,
    KEY_DOCUMENT,
    KEY_PRESIGN,
    KEY_LOG_GROUP,
    KEY_LOG_STREAM,
    KEY_PROMPT,
    KEY_QUESTION,
    KEY_UPLOAD,
    KEY_OVERLAY,
    KEY_SHOW,
    KEY_ONLY,
    KEY_SORT,
    KEY_PALETTE,
    KEY_LINE_WIDTH,
    KEY_FONT,
    KEY_OPACITY,
    KEY_ACTION,
    KEY_KINDS,
    KEY_MARGIN,
    KEY_FAIL_CLOSED,
    KEY_METADATA,
    KEY_FRAMES,
    KEY_JOBS,
    KEY_ON_ERROR,
    KEY_MAX_COST,
    KEY_MONTHLY_LIMIT,
    KEY_LEDGER,
    KEY_CACHE,
    KEY_REFRESH,
    KEY_CACHE_SIZE,
    KEY_CACHE_DAYS,
    KEY_DRY_RUN,
    KEY_CAPTURE,
    KEY_CAPTURE_INPUT,
    KEY_TIMEOUT,
    KEY_PRECHECK,
    KEY_COUNT
};

enum ir_setting_kind {
    KIND_TEXT,
    KIND_ENDPOINT,
    KIND_FROM,
    KIND_LOOKS,
    KIND_PRECHECK,
    KIND_EDIT,
    KIND_REAL,
    KIND_WHOLE,
    KIND_BOOL,
    KIND_CHOICE, /* one of some words */
    KIND_LIST,   /* one or more of them, with commas between */
};

struct ir_setting {
    struct ir_setting_info info;
    enum ir_setting_kind kind;
    double min, max;     /* of numbers */
    const char *choices; /* of KIND_CHOICE and KIND_LIST: the words, with commas between */
};

/* By enum ir_setting_key. */
extern const struct ir_setting ir_settings_table[KEY_COUNT];

#endif
