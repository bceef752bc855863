using System.Text.RegularExpressions;

namespace Vowels;

/// <summary>The English of a project's documentation: paragraphs and items of lists of README.md and docs/**/*.md, without code blocks, tables, headings and pictures.</summary>
internal static partial class Prose
{
    /// <summary>The paragraphs of each file, a line each, in the order of the files' names. Code within a paragraph stays in its backticks.</summary>
    public static IReadOnlyList<(string File, IReadOnlyList<string> Paragraphs)> Read(string root)
    {
        string[] files =
        [
            Path.Combine(root, "README.md"),
            .. Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
        ];
        return [.. files.Select(file => (Path.GetRelativePath(root, file).Replace('\\', '/'), Paragraphs(File.ReadLines(file))))];
    }

    private static List<string> Paragraphs(IEnumerable<string> lines)
    {
        List<string> paragraphs = [""];
        bool isCode = false;
        foreach (string line in lines)
        {
            bool isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            isCode ^= isFence;
            if (isFence || isCode || NoProse().IsMatch(line))
            {
                paragraphs.Add("");
                continue;
            }

            if (Item().IsMatch(line))
            {
                paragraphs.Add("");
            }

            paragraphs[^1] += " " + Link().Replace(Item().Replace(line, ""), "$1").Trim();
        }

        return [.. paragraphs.Select(paragraph => paragraph.Trim()).Where(paragraph => paragraph.Length > 0)];
    }

    /// <summary>An empty line, a heading, a row of a table, a picture, HTML, a block of code by its indentation.</summary>
    [GeneratedRegex(@"^\s*$|^#|^\||^!\[|^\s*<|^    ")]
    private static partial Regex NoProse();

    [GeneratedRegex(@"^\s*(- |\d+\. )")]
    private static partial Regex Item();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
