using System.Text.RegularExpressions;

namespace Sentences;

/// <summary>The other half of a project's documentation: the comments of its source, from which the reference is made.</summary>
internal static partial class Comments
{
    /// <summary>The elements of the comments of each file under src, a paragraph each.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Read(string root) =>
        [.. Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(file => Paragraphs(File.ReadLines(file)))];

    private static List<string> Paragraphs(IEnumerable<string> lines)
    {
        string text = string.Join(' ', lines.Select(line => line.Trim()).Where(line => line.StartsWith("/// ", StringComparison.Ordinal)).Select(line => line[4..]));
        text = Code().Replace(text, "`${name}`");
        return [.. Element().Split(text).Select(paragraph => paragraph.Trim()).Where(paragraph => paragraph.Length > 0)];
    }

    [GeneratedRegex("""<(?:see|paramref|typeparamref) \w+="(?<name>[^"]*)"\s*/>|<c>(?<name>.*?)</c>""")]
    private static partial Regex Code();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Element();
}
