using System.Numerics;
using System.Security.Cryptography;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Reproducibility;

/// <summary>Hashes over the span forms of every function of one and two numbers.</summary>
internal static class FunctionFingerprint
{
    private const int Count = 4099;

    /// <summary>One hash for each function and type, after their names.</summary>
    public static string[] Compute()
    {
        List<string> hashes = [];
        Add<float>(hashes);
        Add<double>(hashes);
        Add<Half>(hashes);
        Add<BFloat16>(hashes);
        return [.. hashes];
    }

    private static void Add<T>(List<string> hashes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] results = new T[Count];
        foreach (UnaryFunction function in UnaryFunction.All)
        {
            UnaryInputs inputs = new(function, seed: 1, FormatOf<T>.Value);
            T[] x = [.. Enumerable.Range(0, Count).Select(_ => T.CreateTruncating(inputs.Next()))];
            LibraryFunctions<T>.UnarySpan(function.Name)(x, results);
            Hash(function.Name, x);
        }

        foreach (BinaryFunction function in BinaryFunction.All)
        {
            PairInputs inputs = new(function, seed: 1, FormatOf<T>.Value);
            (double X, double Y)[] pairs = [.. Enumerable.Range(0, Count).Select(_ => inputs.Next())];
            T[] x = [.. pairs.Select(pair => T.CreateTruncating(pair.X))], y = [.. pairs.Select(pair => T.CreateTruncating(pair.Y))];
            if (function.HasSharpness)
                LibraryFunctions<T>.ScaledSpan(function.Name)(x, y[0], results);
            else
                LibraryFunctions<T>.BinarySpan(function.Name)(x, y, results);

            Hash($"{function.Name} of two", x);
        }

        void Hash(string function, T[] x)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Fingerprint.Append<T>(hash, x);
            Fingerprint.Append<T>(hash, results);
            hashes.Add($"{function}, {typeof(T).Name}: {Convert.ToHexString(hash.GetHashAndReset())}");
        }
    }
}
