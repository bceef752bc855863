namespace LogDomain.Cli.Input;

/// <summary>Opens a file by the ending of its name.</summary>
internal static class InputFile
{
    public static ILogitsSource OpenLogits(string path) => Extension(path) switch
    {
        ".npy" => new NpyLogits(path),
        ".csv" => new CsvLogits(path),
        string other => throw Unknown(path, other),
    };

    public static ILabelsSource OpenLabels(string path) => Extension(path) switch
    {
        ".npy" => new NpyLabels(path),
        ".csv" => new CsvLabels(path),
        string other => throw Unknown(path, other),
    };

    /// <summary>The ending in lower case, after checking that there is such a file.</summary>
    private static string Extension(string path)
    {
        if (!File.Exists(path))
        {
            throw new InputException(Directory.Exists(path) ? $"{path}: is a directory, not a file." : $"{path}: no such file.");
        }

        return Path.GetExtension(path).ToLowerInvariant();
    }

    private static InputException Unknown(string path, string ending) => new($"{path}: the ending '{ending}' is not known; expected .npy or .csv.");
}
