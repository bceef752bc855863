using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Peers.Peers;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using MathNet.Numerics;
using TorchSharp;

namespace LogDomain.Peers.Functions;

/// <summary>The largest errors of everybody's functions of elements on the same inputs, against the exact arithmetic of the tests.</summary>
internal sealed unsafe class FunctionErrors(Report report, TorchFunctions? torchFunctions)
{
    private const int Inputs = 200_000;

    private const string MathNet = "Math.NET", Dotnet = ".NET";

    public void Write()
    {
        Write<float>("float", torch.ScalarType.Float32, Format.Binary32);
        Write<double>("double", torch.ScalarType.Float64, Format.Binary64);
        WriteFactorials();
    }

    private void Write<T>(string type, torch.ScalarType torchType, Format format)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        report.Line($"### Largest error of functions, {type}, ULP, {Inputs:N0} inputs");
        report.Line();
        report.Row(["function", OursPeer.Label, Dotnet, MathNet, TorchPeer.Label]);
        report.Line("|---|---|---|---|---|");
        using NativeBuffer x = new(Inputs * sizeof(T), offset: 0), y = new(Inputs * sizeof(T), offset: 0), destination = new(Inputs * sizeof(T), offset: 0);
        using torch.Tensor? torchX = Tensor(x), torchY = Tensor(y), torchDestination = Tensor(destination);
        foreach (ElementwiseFunction<T> function in ElementwiseFunction<T>.All)
        {
            ExactFunction exact = Fill(function.Name, x.Span<T>(), y.Span<T>(), format);
            List<string> cells = [function.Name];
            Add(() => function.Ours(x.Span<T>(), y.Span<T>(), destination.Span<T>()));
            Add(OfDotnet<T>(function.Name) is { } dotnet ? () => ForEach(dotnet) : null);
            Add(OfMathNet<T>(function.Name) is { } mathNet ? () => ForEach(mathNet) : null);
            Add(torchFunctions?.Find(function.Name) is { } call ? () => call(torchX!, torchY!, torchDestination!) : null);
            report.Row(cells);

            void Add(Action? run)
            {
                run?.Invoke();
                cells.Add(run is null ? "-" : Worst(exact, x.Span<T>(), y.Span<T>(), destination.Span<T>(), format));
            }

            void ForEach(Func<T, T> f)
            {
                for (int i = 0; i < Inputs; i++)
                {
                    destination.Span<T>()[i] = f(x.Span<T>()[i]);
                }
            }
        }

        report.Line();

        torch.Tensor? Tensor(NativeBuffer buffer) => torchFunctions is null ? null : TorchNative.View(buffer.Pointer, torchType, [Inputs]);
    }

    private static ExactFunction Fill<T>(string name, Span<T> x, Span<T> y, Format format)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        BinaryFunction? two = BinaryFunction.All.SingleOrDefault(function => function.Name == name && !function.HasSharpness);
        PairInputs? pairs = two is null ? null : new(two, seed: 1, format);
        UnaryFunction? one = two is null ? UnaryFunction.Of(name) : null;
        UnaryInputs? numbers = one is null ? null : new(one, seed: 1, format);
        for (int i = 0; i < x.Length; i++)
        {
            (double first, double second) = pairs?.Next() ?? (numbers!.Next(), 0);
            (x[i], y[i]) = (T.CreateTruncating(first), T.CreateTruncating(second));
            if (one is not null && !one.Has(double.CreateTruncating(x[i])))
            {
                i--; // rounded out of the domain
            }
        }

        return two is null ? ExactFunctions.Unary(name) : ExactFunctions.Binary(name);
    }

    private static string Worst<T>(ExactFunction exact, Span<T> x, Span<T> y, Span<T> results, Format format)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (double ulps, int at) = (-1, 0);
        for (int i = 0; i < x.Length; i++)
        {
            double error = exact.Error(double.CreateTruncating(results[i]), double.CreateTruncating(x[i]), double.CreateTruncating(y[i]), format);
            if (!(error <= ulps))
            {
                (ulps, at) = (error, i);
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Size(ulps)} at {x[at]:R}{(y[at] == T.Zero ? "" : $", {y[at]:R}")}");
    }

    private static string Size(double ulps) =>
        double.IsInfinity(ulps) ? "infinite" : Report.Number(ulps, ulps < 1000 ? "0.00" : "0.0e0");

    private static Func<T, T>? OfDotnet<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        return name switch
        {
            "Log1P" => T.LogP1,
            "ExpM1" => T.ExpM1,
            "Sigmoid" => Sigmoid,
            _ => null,
        };

        static T Sigmoid(T x)
        {
            T result = default;
            TensorPrimitives.Sigmoid([x], new Span<T>(ref result));
            return result;
        }
    }

    /// <summary>Math.NET has functions of double alone.</summary>
    private static Func<T, T>? OfMathNet<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Func<double, double>? function = name switch
        {
            "Log1P" => SpecialFunctions.Log1p,
            "ExpM1" => SpecialFunctions.Expm1,
            "Sigmoid" => SpecialFunctions.Logistic,
            "Logit" => SpecialFunctions.Logit,
            _ => null,
        };
        return function is null || typeof(T) != typeof(double) ? null : x => T.CreateTruncating(function(double.CreateTruncating(x)));
    }

    /// <summary>log n! for all n up to 2,000 and for numbers of every size, log C(n, k) for as many pairs, for the int arguments that Math.NET takes.</summary>
    private void WriteFactorials()
    {
        RandomBits random = new(1);
        int[] numbers = [.. Enumerable.Range(0, 2_000), .. Enumerable.Range(0, 2_000).Select(i => (int)(random.Next() >> (33 + (i % 31))))];
        report.Line($"### Largest error of functions of whole numbers, double, ULP, {numbers.Length:N0} inputs");
        report.Line();
        report.Row(["function", OursPeer.Label, MathNet]);
        report.Line("|---|---|---|");
        report.Row(["LogFactorial", Factorials(n => LogMath.LogFactorial((long)n)), Factorials(SpecialFunctions.FactorialLn)]);
        report.Row(["LogBinomial", Binomials((n, k) => LogMath.LogBinomial((long)n, k)), Binomials(SpecialFunctions.BinomialLn)]);
        report.Line();

        string Factorials(Func<int, double> function)
        {
            (double ulps, int n) = numbers.Select(n => (Ulp.Error(function(n), ExactFactorials.LogFactorial(n)), n)).Max();
            return string.Create(CultureInfo.InvariantCulture, $"{Size(ulps)} at {n}");
        }

        string Binomials(Func<int, int, double> function)
        {
            RandomBits share = new(2);
            (double ulps, int n, int k) = numbers.Select(n =>
            {
                int k = (int)(n * Math.Pow(share.NextDouble(), 3));
                return (Ulp.Error(function(n, k), ExactFactorials.LogBinomial(n, k)), n, k);
            }).Max();
            return string.Create(CultureInfo.InvariantCulture, $"{Size(ulps)} at {n}, {k}");
        }
    }
}
