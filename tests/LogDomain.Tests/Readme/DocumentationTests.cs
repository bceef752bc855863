using System.Reflection;
using System.Text.RegularExpressions;

namespace LogDomain.Tests.Readme;

public partial class DocumentationTests
{
    private static readonly string[] UsingLines = UsingLinesOf(Documents.ExamplesSource);

    public static TheoryData<string> Files => [.. Documents.Names];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_block_of_CSharp_is_an_example_that_runs(string file)
    {
        foreach (string block in Documents.CSharpBlocks(Documents.Read(file)))
        {
            foreach (string line in UsingLinesOf(block))
            {
                Assert.True(UsingLines.Contains(line), $"{file}: `{line}` is not in the examples");
            }

            string code = UsingLine().Replace(block, "").TrimStart('\n');
            Assert.True(Documents.Examples.Values.Contains(code), $"{file}: no example reads\n{code}");
        }
    }

    [Fact]
    public void Every_example_is_in_a_document()
    {
        string[] blocks = [.. Documents.Names.SelectMany(name => Documents.CSharpBlocks(Documents.Read(name)))];
        Assert.NotEmpty(Documents.Examples);
        Assert.All(Documents.Examples, example =>
            Assert.True(blocks.Any(block => block.EndsWith(example.Value, StringComparison.Ordinal)), $"no document shows {example.Key}:\n{example.Value}"));
    }

    [Fact]
    public void The_table_of_the_README_is_what_the_calls_return()
    {
        string table = ProofTable.Compute();
        Assert.True(Documents.Read("README.md").Contains(table, StringComparison.Ordinal), $"README.md should contain this table:\n{table}");
    }

    [Fact]
    public void The_documentation_names_every_public_operation()
    {
        string text = string.Concat(Documents.Names.Select(Documents.Read));
        IEnumerable<string> missing = Operations().Where(operation => !text.Contains($"`{operation}`", StringComparison.Ordinal));
        Assert.True(!missing.Any(), $"neither README.md nor docs/ name {string.Join(", ", missing)}");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_operation_that_a_document_names_exists(string file)
    {
        string[] operations = [.. Operations()];
        string[] classes = [.. operations.Select(operation => operation.Split('.')[0]).Distinct()];
        foreach (Match match in Member().Matches(Documents.Read(file)))
        {
            if (classes.Contains(match.Groups["class"].Value))
            {
                Assert.Contains(match.Groups["operation"].Value, operations);
            }
        }
    }

    private static IEnumerable<string> Operations() =>
        from type in typeof(LogPrimitives).Assembly.GetExportedTypes()
        where type.IsAbstract && type.IsSealed
        from name in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => method.Name).Distinct()
        select $"{type.Name}.{name}";

    private static string[] UsingLinesOf(string code) => [.. UsingLine().Matches(code).Select(match => match.Value.Trim())];

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"`(?<operation>(?<class>[A-Z]\w+)\.[A-Z]\w+)(`|\()")]
    private static partial Regex Member();
}
