/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the descriptor. A memfd is reached by others of the same user as /proc/PID/fd/N; opening
 * that opens the memory itself (proc(5), memfd_create(2)).
 */
#include "plugins/gimp/export_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"

#define PNG_COMPRESSION 6 /* zlib's own preset */

static const struct {
    const char *extension, *procedure;
} formats[] = {
    [EXPORT_PNG] = {"png", "file-png-export"},
    [EXPORT_JPEG] = {"jpg", "file-jpeg-export"},
    [EXPORT_WEBP] = {"webp", "file-webp-export"},
    [EXPORT_XCF] = {"xcf", "gimp-xcf-save"},
};

const char *export_extension(enum export_format format)
{
    return formats[format].extension;
}

bool export_is_there(enum export_format format)
{
    return gimp_pdb_lookup_procedure(gimp_get_pdb(), formats[format].procedure) != NULL;
}

static void set_metadata(GimpProcedure *procedure, GimpProcedureConfig *config, bool with_metadata)
{
    static const char *const names[] = {"include-exif",    "include-xmp",       "include-iptc",
                                        "include-comment", "include-thumbnail", "save-comment"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (gimp_procedure_find_argument(procedure, names[i]) != NULL ||
            gimp_procedure_find_aux_argument(procedure, names[i]) != NULL)
            g_object_set(config, names[i], (gboolean)(with_metadata && i < 4), NULL);
    }
}

/* GIMP's preset for PNG, 9, takes several times as long on a huge canvas, with no dialog drawn, for
 * a hundredth of the size. */
static void set_compression(GimpProcedure *procedure, GimpProcedureConfig *config)
{
    if (gimp_procedure_find_argument(procedure, "compression") != NULL)
        g_object_set(config, "compression", PNG_COMPRESSION, NULL);
}

static int run_export(GimpImage *image, enum export_format format, bool with_metadata,
                      const char *path, struct ir_error *err)
{
    GimpProcedure *procedure = gimp_pdb_lookup_procedure(gimp_get_pdb(), formats[format].procedure);
    GimpProcedureConfig *config;
    GimpValueArray *values;
    GFile *file;
    int rc = 0;

    if (procedure == NULL)
        return common_fail(err, IR_ERR_ARG, _("Choose another format."),
                           _("This GIMP cannot write %s files."), formats[format].extension);
    config = gimp_procedure_create_config(procedure);
    file = g_file_new_for_path(path);
    g_object_set(config, "run-mode", GIMP_RUN_NONINTERACTIVE, "image", image, "file", file, NULL);
    set_metadata(procedure, config, with_metadata);
    if (format == EXPORT_PNG)
        set_compression(procedure, config);
    values = gimp_procedure_run_config(procedure, config);
    if (g_value_get_enum(gimp_value_array_index(values, 0)) != GIMP_PDB_SUCCESS) {
        const char *reason = gimp_pdb_get_last_error(gimp_get_pdb());

        rc = common_fail(err, IR_ERR_ARG, _("Choose another format."),
                         _("GIMP could not write the image as %s: %s."), formats[format].extension,
                         reason != NULL ? reason : _("no reason given"));
    }
    gimp_value_array_unref(values);
    g_object_unref(file);
    g_object_unref(config);
    return rc;
}

/* Frees what GBytes holds. */
struct mapping {
    void *data;
    size_t bytes;
};

static void unmap(gpointer data)
{
    struct mapping *mapping = data;

    munmap(mapping->data, mapping->bytes);
    g_free(mapping);
}

static int map(int fd, GBytes **out, struct ir_error *err)
{
    struct stat info;
    struct mapping *mapping;
    void *data;

    if (fstat(fd, &info) != 0 || info.st_size < 1)
        return common_fail(err, IR_ERR_ARG, _("Choose another format."), "%s",
                           _("GIMP wrote nothing."));
    data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        return common_fail_nomem(err);
    mapping = g_new(struct mapping, 1);
    *mapping = (struct mapping){data, (size_t)info.st_size};
    *out = g_bytes_new_with_free_func(data, (gsize)info.st_size, unmap, mapping);
    return 0;
}

int export_to_memory(GimpImage *image, enum export_format format, bool with_metadata, GBytes **out,
                     struct ir_error *err)
{
    int fd = memfd_create("imgrecog", MFD_CLOEXEC);
    char *path;
    int rc;

    if (fd < 0)
        return common_fail(err, IR_ERR_NOMEM, _("Close other programs."),
                           _("No memory for the file: %s."), g_strerror(errno));
    path = g_strdup_printf("/proc/%ld/fd/%d", (long)getpid(), fd);
    rc = run_export(image, format, with_metadata, path, err);
    if (rc == 0)
        rc = map(fd, out, err);
    g_free(path);
    close(fd);
    return rc;
}
