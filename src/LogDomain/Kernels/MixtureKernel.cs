using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>The density of one Gaussian mixture at one point, and its derivatives. Lane i of group g holds component 8 g + i, in double whatever the element type.</summary>
/// <remarks>
/// <para>
/// With <c>d = x - mean</c>, the lower triangle L (or the diagonal of deviations) and <c>z = L^-1 d</c>, a component's logarithm is <c>log weight - sum(log L_ii) - z.z / 2</c>, and the
/// mixture's their log-sum-exp. The largest term stays out of the sum, as everywhere.
/// </para>
/// <para>
/// Exponentials of weights and of deviations are squares of exponentials of halves: <c>e^(x/2)^2</c> reaches from 0 to infinity without a limit of the exponent in between, and
/// what is 0 is so because it underflows.
/// </para>
/// </remarks>
internal static unsafe class MixtureKernel<TLanes, TPrecision>
    where TLanes : unmanaged, ILanes<TLanes>
    where TPrecision : IPrecision
{
    /// <summary>Half of a logarithm that is 0 or infinity for double, times any distance that double has: e^(2 * 700) is 1e608.</summary>
    private const double FarthestHalf = 700;

    /// <summary>Takes the parameters of a mixture from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<T>(in MixtureShape shape, T* logits, T* means, T* scales, double* memory)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double* logWeights = memory + MixtureShape.LogWeights;
        Widening.ToDouble(logits, shape.Components, logWeights);
        for (int k = shape.Components; k < shape.Plane; k++)
        {
            logWeights[k] = double.NegativeInfinity;
        }

        Transpose(means, shape.Components, shape.Dimensions, shape.Plane, memory + shape.Means);
        if (!shape.IsShared)
        {
            Transpose(scales, shape.Components, shape.Scales, shape.Plane, memory + shape.LogScales);
            return;
        }

        for (int p = 0; p < shape.Scales; p++)
        {
            new Span<double>(memory + shape.LogScales + (p * shape.Plane), shape.Plane).Fill(double.CreateTruncating(scales[p]));
        }
    }

    /// <summary>What does not depend on the point. Returns the weights of all components but the largest, whose weight is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Prepare(in MixtureShape shape, double* memory)
    {
        double* logWeights = memory + MixtureShape.LogWeights;
        TLanes largest = TLanes.Create(double.NegativeInfinity);
        for (int k = 0; k < shape.Plane; k += MixtureShape.Lanes)
        {
            largest = TLanes.Max(largest, TLanes.Load(logWeights + k));
        }

        TLanes max = TLanes.Create(Largest(largest, memory + shape.Fold));
        int deviations = shape.IsSpherical ? 1 : shape.Dimensions;
        for (int k = 0; k < shape.Plane; k += MixtureShape.Lanes)
        {
            TLanes weight = TLanes.Load(logWeights + k) - max, sum = TLanes.Create(0);
            weight.Store(logWeights + k);
            for (int d = 0; d < deviations; d++)
            {
                TLanes logDeviation = TLanes.Load(memory + shape.LogDeviation(d) + k);
                HalfExp(-logDeviation).Store(memory + shape.Root(d) + k);
                sum += logDeviation;
            }

            sum = shape.IsSpherical ? sum * TLanes.Create(shape.Dimensions) : sum;
            (weight - sum).Store(memory + shape.Bases + k);
        }

        return Weigh(logWeights, TLanes.Create(0), shape.Plane, memory + shape.Priors, memory + shape.Fold);
    }

    /// <summary>Finds every component's logarithm at the point, and the weights. Returns the largest logarithm and the weights of all others, whose own is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Evaluate(in MixtureShape shape, double* point, double* memory, out double max)
    {
        int plane = shape.Plane;
        TLanes largest = TLanes.Create(double.NegativeInfinity);
        for (int k = 0; k < plane; k += MixtureShape.Lanes)
        {
            TLanes squares = TLanes.Create(0);
            for (int d = 0; d < shape.Dimensions; d++)
            {
                TLanes rest = TLanes.Create(point[d]) - TLanes.Load(memory + shape.Means + (d * plane) + k);
                if (shape.IsTriangular)
                {
                    double* row = memory + shape.LogScales + (d * (d + 1) / 2 * plane) + k;
                    for (int j = 0; j < d; j++)
                    {
                        rest = TLanes.FusedMultiplyAdd(-TLanes.Load(row + (j * plane)), TLanes.Load(memory + shape.Residuals + (j * plane) + k), rest);
                    }
                }

                TLanes root = TLanes.Load(memory + shape.Root(d) + k), residual = rest * root * root;
                residual.Store(memory + shape.Residuals + (d * plane) + k);
                squares = TLanes.FusedMultiplyAdd(residual, residual, squares);
            }

            TLanes joint = TLanes.FusedMultiplyAdd(squares, TLanes.Create(-0.5), TLanes.Load(memory + shape.Bases + k));
            joint.Store(memory + shape.Joints + k);
            largest = TLanes.Max(largest, joint);
        }

        max = Largest(largest, memory + shape.Fold);
        return Weigh(memory + shape.Joints, TLanes.Create(max), plane, memory + shape.Posteriors, memory + shape.Fold);
    }

    /// <summary>
    /// The derivatives of -log density, times a factor, in the planes of <see cref="MixtureShape.Gradients"/>. A component of weight 0 gets 0, whatever its distance.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Differentiate(in MixtureShape shape, double* memory, double priorTail, double tail, double factor)
    {
        int plane = shape.Plane;
        double* ofWeights = memory + shape.Gradients, ofMeans = ofWeights + plane, ofScales = ofMeans + (shape.Dimensions * plane);
        TLanes zero = TLanes.Create(0), prior = TLanes.Create(factor / (1 + priorTail)), posterior = TLanes.Create(factor / (1 + tail)), one = TLanes.Create(1);
        for (int k = 0; k < plane; k += MixtureShape.Lanes)
        {
            TLanes weight = TLanes.Load(memory + shape.Posteriors + k) * posterior, none = TLanes.Equal(weight, zero);
            TLanes.FusedMultiplyAdd(TLanes.Load(memory + shape.Priors + k), prior, -weight).Store(ofWeights + k);
            TLanes ofSphere = TLanes.Create(0);
            for (int d = shape.Dimensions - 1; d >= 0; d--)
            {
                // L^T w = z from below. Here v = L_dd w_d, and w stands where the derivative of the mean will, until that row is done.
                TLanes residual = TLanes.Load(memory + shape.Residuals + (d * plane) + k), v = residual;
                if (shape.IsTriangular)
                {
                    for (int j = d + 1; j < shape.Dimensions; j++)
                    {
                        TLanes below = TLanes.Load(memory + shape.LogScales + (((j * (j + 1) / 2) + d) * plane) + k);
                        v = TLanes.FusedMultiplyAdd(-below, TLanes.Load(ofMeans + (j * plane) + k), v);
                    }
                }

                TLanes root = TLanes.Load(memory + shape.Root(d) + k);
                (v * root * root).Store(ofMeans + (d * plane) + k);
                TLanes ofDeviation = TLanes.FusedMultiplyAdd(-v, residual, one);
                if (shape.IsSpherical)
                {
                    ofSphere += ofDeviation;
                }
                else
                {
                    TLanes.Select(none, zero, weight * ofDeviation).Store(ofScales + (shape.IsTriangular ? ((d * (d + 1) / 2) + d) * plane : d * plane) + k);
                }
            }

            if (shape.IsSpherical)
            {
                TLanes.Select(none, zero, weight * ofSphere).Store(ofScales + k);
            }

            for (int d = 0; d < shape.Dimensions; d++)
            {
                double* mean = ofMeans + (d * plane) + k;
                TLanes w = TLanes.Select(none, zero, TLanes.Load(mean) * -weight);
                w.Store(mean);
                if (shape.IsTriangular)
                {
                    for (int j = 0; j < d; j++)
                    {
                        TLanes ofTriangle = w * TLanes.Load(memory + shape.Residuals + (j * plane) + k);
                        TLanes.Select(none, zero, ofTriangle).Store(ofScales + (((d * (d + 1) / 2) + j) * plane) + k);
                    }
                }
            }
        }

        if (priorTail < 1 && tail < 1)
        {
            BalanceLikeliest(shape, memory);
        }
    }

    /// <summary>
    /// Where one component has more than half of the weight both before and after, its derivative is minus the sum of the others': of p - r, which both are 1 less
    /// something small, nothing would be left.
    /// </summary>
    private static void BalanceLikeliest(in MixtureShape shape, double* memory)
    {
        double* ofWeights = memory + shape.Gradients;
        double others = 0;
        int likeliest = -1;
        for (int k = 0; k < shape.Components; k++)
        {
            if (memory[shape.Priors + k] == 1 && memory[shape.Posteriors + k] == 1)
            {
                likeliest = k;
            }
            else
            {
                others += ofWeights[k];
            }
        }

        if (likeliest >= 0)
        {
            ofWeights[likeliest] = -others;
        }
    }

    /// <summary>Weights relative to the largest, <c>e^(x - max)</c>, and their sum less one of the largest. NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Weigh(double* x, TLanes max, int plane, double* weights, double* fold)
    {
        TLanes sum = TLanes.Create(0), ties = TLanes.Create(0), one = TLanes.Create(1);
        for (int k = 0; k < plane; k += MixtureShape.Lanes)
        {
            TLanes value = TLanes.Load(x + k), half = HalfExp(value - max), weight = half * half, isLargest = TLanes.Equal(value, max);
            weight = TLanes.Select(isLargest, one, weight);
            weight.Store(weights + k);
            sum += TLanes.Select(isLargest, TLanes.Create(0), weight);
            ties += TLanes.And(isLargest, one);
        }

        return (Total(ties, fold) - 1) + Total(sum, fold);
    }

    /// <summary>e^(x/2), x being limited to where its square is 0 or beyond everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes HalfExp(TLanes x)
    {
        TLanes half = TLanes.Min(TLanes.Create(FarthestHalf), TLanes.Max(TLanes.Create(Lanes.LowestExponent), x * TLanes.Create(0.5)));
        return Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(half)).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Largest(TLanes lanes, double* fold)
    {
        lanes.Store(fold);
        double a = Math.Max(fold[0], fold[4]), b = Math.Max(fold[1], fold[5]), c = Math.Max(fold[2], fold[6]), d = Math.Max(fold[3], fold[7]);
        return Math.Max(Math.Max(a, c), Math.Max(b, d));
    }

    /// <summary>The sum of the lanes, halves onto each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Total(TLanes lanes, double* fold)
    {
        lanes.Store(fold);
        return ((fold[0] + fold[4]) + (fold[2] + fold[6])) + ((fold[1] + fold[5]) + (fold[3] + fold[7]));
    }

    /// <summary>Planes from rows of components; what fills a plane up is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose<T>(T* source, int components, int columns, int plane, double* planes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int column = 0; column < columns; column++)
        {
            double* destination = planes + (column * plane);
            T* element = source + column;
            for (int k = 0; k < components; k++, element += columns)
            {
                destination[k] = double.CreateTruncating(*element);
            }

            for (int k = components; k < plane; k++)
            {
                destination[k] = 0;
            }
        }
    }

    /// <summary>Rows of components from planes, rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(double* planes, int components, int columns, int plane, T* destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int column = 0; column < columns; column++)
        {
            double* source = planes + (column * plane);
            T* element = destination + column;
            for (int k = 0; k < components; k++, element += columns)
            {
                *element = T.CreateTruncating(source[k]);
            }
        }
    }
}
