using System.Text;
using System.Text.RegularExpressions;

namespace LogDomain.Tests.Readme;

/// <summary>The Markdown files of the repository and the source of <see cref="Examples"/>, embedded when the tests are built.</summary>
internal static partial class Documents
{
    /// <summary>The names of all Markdown files: <c>README.md</c>, <c>docs/architecture.md</c>, ...</summary>
    public static IEnumerable<string> Names => Files(".md");

    /// <summary>The text of one file, with <c>\n</c> as the end of a line on every machine.</summary>
    public static string Read(string name)
    {
        string resource = typeof(Documents).Assembly.GetManifestResourceNames().Single(r => r.Replace('\\', '/') == name);
        using Stream stream = typeof(Documents).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>The content of every block of C# in a Markdown text.</summary>
    public static IEnumerable<string> CSharpBlocks(string markdown) =>
        CSharpBlock().Matches(markdown).Select(match => match.Groups["code"].Value);

    /// <summary>The source of <see cref="Examples"/>, all files of it.</summary>
    public static string ExamplesSource => string.Join('\n', Files(".cs").Select(Read));

    /// <summary>What stands between the markers in <c>Examples*.cs</c>, by the name of the method, without the indentation.</summary>
    public static IReadOnlyDictionary<string, string> Examples { get; } =
        Example().Matches(ExamplesSource).ToDictionary(match => match.Groups["name"].Value, match => Unindent(match.Groups["code"].Value));

    private static IEnumerable<string> Files(string ending) =>
        typeof(Documents).Assembly.GetManifestResourceNames()
            .Select(name => name.Replace('\\', '/'))
            .Where(name => name.EndsWith(ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string Unindent(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).TrimEnd() + "\n";
    }

    [GeneratedRegex(@"^[ ]*```(csharp|cs|c#)[ ]*\n(?<code>.*?)^[ ]*```[ ]*$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"public void (?<name>\w+)\(\)\s*\{\s*?\n[ ]*// <example>\n(?<code>.*?)\n[ ]*// </example>", RegexOptions.Singleline)]
    private static partial Regex Example();
}
