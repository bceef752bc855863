namespace LogDomain.Cli.Input;

/// <summary>Opens logits by the ending of the file's name.</summary>
internal static class LogitsSource
{
    public static ILogitsSource Open(string path) => Extension(path) switch
    {
        ".npy" => new NpyLogits(path),
        ".csv" => new CsvLogits(path),
        string other => throw new InputException($"{path}: the ending '{other}' is not known; expected .npy or .csv."),
    };

    /// <summary>The ending in lower case, after checking that there is such a file.</summary>
    public static string Extension(string path)
    {
        if (!File.Exists(path))
        {
            throw new InputException(Directory.Exists(path) ? $"{path}: is a directory, not a file." : $"{path}: no such file.");
        }

        return System.IO.Path.GetExtension(path).ToLowerInvariant();
    }
}
