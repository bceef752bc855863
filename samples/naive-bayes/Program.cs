using System.Globalization;
using System.Numerics;
using LogDomain;
using NaiveBayes;

// Is a file documentation or source? Each file of a folder is judged by the words of all the others.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string root = args.Length > 0 ? args[0] : ".";
WordCounts documentation = new(), source = new();
List<(string Name, bool IsDocumentation, string[] Words)> files = [];
foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
{
    string name = Path.GetRelativePath(root, path).Replace('\\', '/');
    bool isDocumentation = name.EndsWith(".md", StringComparison.Ordinal);
    bool isBuilt = name.Split('/').Any(part => part is "bin" or "obj");
    if (isBuilt || !(isDocumentation || name.EndsWith(".cs", StringComparison.Ordinal)))
    {
        continue;
    }

    string[] words = WordCounts.Words(File.ReadAllText(path));
    files.Add((name, isDocumentation, words));
    (isDocumentation ? documentation : source).Add(words);
}

int vocabulary = files.SelectMany(file => file.Words).Distinct().Count();
int right = 0, rightInDouble = 0, undecidedInDouble = 0;
Console.WriteLine($"{"odds of documentation to source",32}  {"the same in double",18}  {"words",6}  file");
foreach ((string name, bool isDocumentation, string[] words) in files)
{
    WordCounts own = isDocumentation ? documentation : source;
    own.Remove(words);
    LogNumber<double> odds = Odds<LogNumber<double>>(words);
    double oddsInDouble = Odds<double>(words);
    own.Add(words);

    right += odds > LogNumber<double>.One == isDocumentation ? 1 : 0;
    rightInDouble += !double.IsNaN(oddsInDouble) && oddsInDouble > 1 == isDocumentation ? 1 : 0;
    undecidedInDouble += double.IsNaN(oddsInDouble) ? 1 : 0;
    Console.WriteLine($"{odds,32:V3}  {oddsInDouble,18:G3}  {words.Length,6}  {name}");
}

Console.WriteLine();
Console.WriteLine($"LogNumber: {right} of {files.Count} right");
Console.WriteLine($"double: {rightInDouble} of {files.Count} right, {undecidedInDouble} are 0 / 0");

// P(documentation | words) / P(source | words): Bayes' rule, in which P(words) cancels, and words are taken as independent.
T Odds<T>(string[] words)
    where T : INumberBase<T> =>
    T.CreateChecked(documentation.Texts) * Product(documentation.Probabilities<T>(words, vocabulary))
    / (T.CreateChecked(source.Texts) * Product(source.Probabilities<T>(words, vocabulary)));

static T Product<T>(T[] factors)
    where T : INumberBase<T> => factors.Aggregate(T.One, (product, factor) => product * factor);
