using System.CommandLine;
using System.Globalization;

namespace LogDomain.Peers;

/// <summary>The program's arguments. Lists are separated by commas.</summary>
internal static class CommandLine
{
    private static readonly Option<Operation[]> Operations = List(
        "--operations", "What to compare: lse, softmax, logsoftmax, crossentropy, crossentropy-gradient",
        ParseOperation, Enum.GetValues<Operation>());

    private static readonly Option<ElementType[]> Types = List(
        "--types", "Element types: float, double, half, bfloat16", text => Enum.Parse<ElementType>(text, ignoreCase: true), [ElementType.Float]);

    private static readonly Option<int[]> Threads = List(
        "--threads", "Thread counts", text => int.Parse(text, CultureInfo.InvariantCulture), [1, 2]);

    private static readonly Option<Shape[]> Shapes = List(
        "--shapes", "Matrices, as ROWSxCOLUMNS", Shape.Parse,
        [new(1, 1_024), new(1, 32_768), new(1, 131_072), new(64, 131_072), new(4_096, 1_024), new(65_536, 64), new(1, 100_000_000)]);

    private static readonly Option<int> Rounds = new("--rounds") { Description = "How often everybody's turn comes", DefaultValueFactory = _ => 5 };

    private static readonly Option<int> Sample = new("--sample") { Description = "Milliseconds of a turn", DefaultValueFactory = _ => 40 };

    private static readonly Option<bool> Masks = new("--masks") { Description = "Compare LogDomain with itself on plain, masked and NaN rows" };

    private static readonly Option<bool> Accuracy = new("--accuracy") { Description = "Print errors in ULP instead of speeds" };

    private static readonly Option<bool> Functions = new("--functions") { Description = "Compare functions of elements instead of operations on rows" };

    private static readonly Option<bool> Mixtures = new("--mixtures") { Description = "Compare the loss and gradient of mixture density networks instead of operations on rows" };

    private static readonly Option<bool> Linear = new("--linear") { Description = "Compare losses that compute their logits, and the product of matrices, instead of operations on rows" };

    private static readonly Option<string?> LinearMemory = new("--linear-memory") { Description = "Measure the memory of the same by the size of the vocabulary, and draw it into this PNG file" };

    private static readonly Option<bool> Reductions = new("--reductions") { Description = "Compare the other reductions, each with the operation that it is to keep up with" };

    private static readonly Option<bool> Losses = new("--losses") { Description = "Compare binary cross-entropy and its gradient instead of operations on rows" };

    private static readonly Option<bool> Attention = new("--attention") { Description = "Compare attention, its gradients and decoding instead of operations on rows" };

    private static readonly Option<bool> AttentionOptions = new("--attention-options") { Description = "Time the backward pass of attention with its options, and with the gradients by them" };

    private static readonly Option<bool> Sequences = new("--sequences") { Description = "Compare hidden Markov models, conditional random fields and products of matrices of logarithms instead of operations on rows" };

    private static readonly Option<bool> Alignment = new("--alignment") { Description = "Compare CTC with PyTorch's, and time sums over alignments and beam search, instead of operations on rows" };

    private static readonly Option<string?> Markdown = new("--markdown") { Description = "Write the report to this file, too" };

    public static int Run(string[] args, Action<Options> program)
    {
        RootCommand command = new("Runs LogDomain beside TorchSharp, ONNX Runtime and System.Numerics.Tensors on the same data.")
        {
            Operations, Types, Threads, Shapes, Rounds, Sample, Masks, Accuracy, Functions, Linear, LinearMemory, Mixtures, Reductions, Losses, Attention, AttentionOptions, Sequences, Alignment, Markdown,
        };
        command.SetAction(parsed => program(new Options(
            parsed.GetValue(Operations)!, parsed.GetValue(Types)!, parsed.GetValue(Threads)!, parsed.GetValue(Shapes)!,
            parsed.GetValue(Rounds), parsed.GetValue(Sample), parsed.GetValue(Masks), parsed.GetValue(Accuracy), parsed.GetValue(Functions),
            parsed.GetValue(Linear), parsed.GetValue(LinearMemory), parsed.GetValue(Mixtures), parsed.GetValue(Reductions), parsed.GetValue(Losses), parsed.GetValue(Attention), parsed.GetValue(AttentionOptions), parsed.GetValue(Sequences), parsed.GetValue(Alignment),
            parsed.GetValue(Markdown))));
        return command.Parse(args).Invoke();
    }

    private static Operation ParseOperation(string text) => text switch
    {
        "lse" => Operation.LogSumExp,
        "crossentropy-gradient" => Operation.CrossEntropyGradient,
        _ => Enum.Parse<Operation>(text, ignoreCase: true),
    };

    private static Option<T[]> List<T>(string name, string description, Func<string, T> parse, T[] all) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => all,
        CustomParser = argument =>
        {
            try
            {
                return [.. argument.Tokens.SelectMany(token => token.Value.Split(',')).Select(parse)];
            }
            catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
            {
                argument.AddError($"{name}: {e.Message}");
                return [];
            }
        },
    };
}
